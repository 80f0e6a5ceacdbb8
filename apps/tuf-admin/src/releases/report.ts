import type { ReleasesResult } from '@cargo-tuf/repository';

/** What every command that publishes releases says last. */
export function resultLine({ timestampVersion, filesWritten }: ReleasesResult): string {
  return `timestamp ${timestampVersion}  files written ${filesWritten}`;
}

export function resultJson({
  timestampVersion,
  filesWritten,
}: ReleasesResult): Readonly<Record<string, unknown>> {
  return { timestampVersion, filesWritten };
}
