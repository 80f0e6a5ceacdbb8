// A copy of a release server, as a mirror has it, against what is signed of it: the plain files below `dist/` and `rustup/`, which
// rustup asks for. What is there beside them is nobody's.

import type { FoundTarget } from '@cargo-tuf/client';
import { type ChannelManifest, parseManifestPath } from '@cargo-tuf/release-channel';
import { sha256OfFile } from './file-destination.ts';

export interface ReleasesReport {
  /** Manifests, installers and archives that are as they were signed. */
  readonly verified: number;
  /** Sorted by path. */
  readonly problems: readonly ReleaseProblem[];
}

export interface ReleaseProblem {
  /** Below the folder. */
  readonly path: string;
  readonly problem: 'missing' | 'changed';
  /** Of the file that is there, 64 hex digits. */
  readonly sha256?: string;
  /** What was signed. */
  readonly expected: string;
}

export interface ReleasesVerification {
  readonly onProgress?: (done: number, total: number, path: string) => void;
}

/** `manifestOf`: of a signed path. Throws what makes a manifest unusable, and `LIB_FILE` for a file that cannot be read. */
export async function compareReleases(
  folder: string,
  targets: ReadonlyMap<string, FoundTarget>,
  manifestOf: (path: string) => Promise<ChannelManifest | undefined>,
  { onProgress }: ReleasesVerification,
): Promise<ReleasesReport> {
  const signed = new Map<string, string>();
  for (const [path, { file }] of targets) {
    const sha256 = file.hashes.get('sha256');
    if (sha256 === undefined || !/^(?:dist|rustup)\//.test(path)) continue;
    signed.set(path, sha256);
    const manifest = parseManifestPath(path) && (await manifestOf(path));
    for (const archive of manifest ? archivesOf(manifest) : []) signed.set(archive.path, archive.sha256);
  }
  const problems: ReleaseProblem[] = [];
  let done = 0;
  for (const [path, expected] of [...signed].sort(([a], [b]) => (a < b ? -1 : 1))) {
    onProgress?.(done, signed.size, path);
    done += 1;
    const sha256 = await sha256OfFile(`${folder}/${path}`);
    if (sha256 === undefined) problems.push({ path, problem: 'missing', expected });
    else if (sha256 !== expected) problems.push({ path, problem: 'changed', sha256, expected });
  }
  return { verified: signed.size - problems.length, problems };
}

function* archivesOf(
  manifest: ChannelManifest,
): Generator<{ readonly path: string; readonly sha256: string }> {
  for (const { targets } of manifest.packages.values())
    for (const { archives } of targets.values()) yield* archives;
}
