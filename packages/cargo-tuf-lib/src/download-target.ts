import type { DownloadSettings, FoundTarget, Snapshot } from '@cargo-tuf/client';
import { openFileDestination } from './file-destination.ts';

export interface TargetDownload extends DownloadSettings {
  /** Permission bits of the file; 0600 unless given. */
  readonly mode?: number;
}

/**
 * Brings a target to a file, verified; undefined when no role lists it. The file is whole or not there, and one that is
 * right already is left as it is. What a download leaves that was cut off, by a signal, an outage or the end of its
 * process, is found by the next one. Memory does not grow with the file.
 */
export async function downloadTarget(
  snapshot: Snapshot,
  target: string,
  file: string,
  { mode, ...settings }: TargetDownload = {},
): Promise<FoundTarget | undefined> {
  return snapshot.download(target, openFileDestination(file, mode), settings);
}
