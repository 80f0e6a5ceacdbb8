import type { CommitResult } from '@cargo-tuf/repository';

/** What every command that publishes says last. */
export function commitLines(result: CommitResult): readonly string[] {
  return [
    `tree ${result.treeVersion}  timestamp ${result.timestampVersion}  files written ${result.filesWritten}`,
    `merkle root ${result.merkleRoot}`,
  ];
}

export function commitJson(result: CommitResult): Readonly<Record<string, unknown>> {
  const { treeVersion, timestampVersion, merkleRoot, filesWritten } = result;
  return { treeVersion, timestampVersion, merkleRoot, filesWritten };
}
