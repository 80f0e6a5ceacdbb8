// What changed in the last versions of the index map (docs/pouf.md, section 5.2), written beside every publish so that a client
// with older leaves proves again those that changed, and no other.
//
// Level l has runs of 64^l versions. A publish adds a run of one version to level 0; whenever 64 of them are full, they become
// one run of level 1, and so on. Each level is published as files over its newest runs, a few of them or up to 64, so that a
// client takes one that is about as long as it was away: with the shorter ones of the levels below, three files at most. The
// longest file of each level is also what the next publish goes on from; nothing else is kept.

import { decodeHex, encodeHex, sha256 } from '@cargo-tuf/keys';
import { isTufError } from '@cargo-tuf/errors';
import {
  type ChangeRun,
  type Changes,
  changesPath,
  decodeChanges,
  encodeChanges,
  joinRuns,
  keyOf,
  MERKLE_LIMITS,
  runOf,
} from '@cargo-tuf/merkle-snapshot';
import type { ChangesFile } from '@cargo-tuf/metadata';
import type { PublishedBytes } from './published-bytes.ts';
import { indexShape, type PublishedState } from './state.ts';

const RUNS: number = MERKLE_LIMITS.changeRuns;
/** Runs in the files of each level. */
const LEVELS: readonly (readonly number[])[] = [
  [1, 4, 16, RUNS],
  [8, RUNS],
  [8, RUNS],
];

export interface NextChanges {
  /** What `crates.json` says of them: number of versions to file. */
  readonly windows: ReadonlyMap<number, ChangesFile>;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The changes of `state`'s map, and of those of `names` that make its `version`. */
export async function nextChanges(
  bytes: PublishedBytes,
  state: PublishedState,
  version: number,
  names: readonly string[],
): Promise<NextChanges> {
  const files = new Map<string, Uint8Array>();
  const standing = state.crates.value.map;
  if (standing?.version !== version - 1) return { windows: new Map(), files };
  const windows = new Map(standing.changes);
  const shape = indexShape(state.repository);
  let run: ChangeRun | undefined = runOf(
    decodeHex(standing.root, 32),
    names.map(name => keyOf(shape, name)),
  );
  let span = 1;
  for (const lengths of LEVELS) {
    if (run === undefined) break;
    const before = await readChanges(bytes, windows.get(span * RUNS));
    const follows = before?.span === span && before.to === version - span;
    const runs: readonly ChangeRun[] = withinLimits([run, ...(follows ? before.runs : [])]);
    for (const length of lengths) windows.delete(span * length);
    for (const length of runs.length === 0 ? [] : lengths) {
      const content = encodeChanges({ to: version, span, runs: runs.slice(0, length) });
      const hash = sha256(content);
      files.set(changesPath(hash), content);
      windows.set(span * length, { length: content.length, sha256: encodeHex(hash) });
    }
    span *= RUNS;
    run = version % span === 0 && runs.length === RUNS ? joinRuns(runs) : undefined;
  }
  return { windows, files };
}

/** As many of the newest runs as one file may have. */
function withinLimits(runs: readonly ChangeRun[]): readonly ChangeRun[] {
  let names = 0;
  const end = runs.findIndex(({ prefixes }) => (names += prefixes.length) > MERKLE_LIMITS.changedNames);
  return runs.slice(0, Math.min(RUNS, end === -1 ? RUNS : end));
}

/** Where a file is missing or damaged, changes begin anew: a client that finds none proves everything. */
async function readChanges(
  bytes: PublishedBytes,
  file: ChangesFile | undefined,
): Promise<Changes | undefined> {
  const found = file === undefined ? null : await bytes.get(changesPath(decodeHex(file.sha256, 32)));
  if (found === null || encodeHex(sha256(found.bytes)) !== file?.sha256) return undefined;
  try {
    return decodeChanges(found.bytes);
  } catch (error) {
    if (isTufError(error)) return undefined;
    throw error;
  }
}
