import type { DownloadSettings, FoundTarget, Snapshot } from '@cargo-tuf/client';
import { type FileSettings, openFileDestination } from './file-destination.ts';

export interface TargetDownload extends DownloadSettings, FileSettings {}

/**
 * Brings a target to a file, verified; undefined when no role lists it. The file is whole or not there, and one that is
 * right already is left as it is. What a download leaves that was cut off, by a signal, an outage or the end of its
 * process, is found by the next one. Memory does not grow with the file.
 */
export async function downloadTarget(
  snapshot: Snapshot,
  target: string,
  file: string,
  settings: TargetDownload = {},
): Promise<FoundTarget | undefined> {
  return snapshot.download(target, openFileDestination(file, settings), settings);
}
