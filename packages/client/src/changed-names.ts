// Which names changed since an older version of the index map, by the files that `crates.json` names (docs/pouf.md, section 5.2).
// A file has runs of 1, 64 or 4,096 versions and ends at the last version that its runs come out at; shorter runs make up
// for what is left until now. So at most one file of each length is asked for, all side by side.

import { isTufError } from '@cargo-tuf/errors';
import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import {
  type ChangeRun,
  changesPath,
  decodeChanges,
  keyOf,
  type Leaf,
  MERKLE_LIMITS,
  mayHaveChanged,
} from '@cargo-tuf/merkle-snapshot';
import { type ChangesFile, type MapRoot, verifyContent } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { fetchAccepted } from './fetch.ts';
import type { MapContext } from './map-walk.ts';
import type { ProvedLeaves } from './proved-leaves.ts';
import type { Source } from './source.ts';

type Leaves = ReadonlyMap<string, Leaf | undefined>;
/** An older map of the same repository. */
type Base = Omit<ProvedLeaves, 'leaves'>;

/** A file that is needed: its runs' span, the version it ends at, and how far back it must reach. */
interface Part {
  readonly file: ChangesFile;
  readonly span: number;
  readonly to: number;
  readonly from: number;
}

const RUNS: number = MERKLE_LIMITS.changeRuns;
const SPANS: readonly number[] = [1, RUNS, RUNS ** 2];
/** Bytes that proofs cost anew: for each name, and for what they share. */
const PROOF = 1_500;
const SHARED = 8_000;

/**
 * Of the leaves that an older map proved those that stand in this one as well: all that did not change meanwhile. None where the
 * repository does not say, no mirror has the files, or new proofs for `wanted` names would cost less. Throws
 * `CLIENT_EQUIVOCATION` when the older map is none of this one's past.
 */
export async function stillProved(
  context: MapContext,
  map: MapRoot,
  proved: ProvedLeaves | undefined,
  wanted: number,
): Promise<Leaves> {
  if (proved === undefined || proved.version > map.version) return new Map();
  if (proved.version === map.version) return proved.root === map.root ? proved.leaves : new Map();
  const mayDiffer = await changedSince(context, map, proved, Math.min(wanted, proved.leaves.size));
  if (mayDiffer === undefined) return new Map();
  return new Map([...proved.leaves].filter(([name]) => !mayDiffer(name)));
}

async function changedSince(
  context: MapContext,
  map: MapRoot,
  base: Base,
  names: number,
): Promise<((name: string) => boolean) | undefined> {
  const { source } = context;
  const parts = partsOf(map, base.version);
  if (source === undefined || parts === undefined) return undefined;
  const bytes = parts.reduce((sum, { file }) => sum + file.length, 0);
  if (bytes > SHARED + PROOF * names) return undefined;
  const runs: ChangeRun[] = [];
  for (const part of await Promise.all(parts.map(each => fetchPart(context, source, each, base)))) {
    if (part === undefined) return undefined;
    runs.push(...part);
  }
  return name => {
    const key = keyOf(context.shape, name);
    return runs.some(run => mayHaveChanged(run, key));
  };
}

function partsOf({ version, changes = new Map() }: MapRoot, base: number): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (const span of SPANS) {
    const to = version - (version % span);
    const next = version - (version % (span * RUNS));
    const isLast = base >= to - span * RUNS;
    const from = isLast ? base : next;
    const lengths = [...changes.keys()].filter(
      each => (span === 1 || each > span) && each <= span * RUNS && to - each <= from,
    );
    const file = changes.get(Math.min(...lengths));
    if (from < to && file === undefined) return undefined;
    if (from < to && file !== undefined) parts.push({ file, span, to, from });
    if (isLast) return parts;
  }
  return undefined;
}

/** The runs of a file that are newer than `from`; undefined where there is no such file, or it does not reach back so far. */
async function fetchPart(
  context: MapContext,
  source: Source,
  { file, span, to, from }: Part,
  base: Base,
): Promise<readonly ChangeRun[] | undefined> {
  const path = changesPath(decodeHex(file.sha256, 32));
  const content = { length: file.length, hashes: new Map([['sha256', file.sha256]]) };
  const changes = await ifThere(() =>
    fetchAccepted(
      source,
      path,
      Math.min(file.length, MERKLE_LIMITS.changesBytes),
      'crates.json names it',
      bytes => {
        verifyContent(bytes, content, path);
        return decodeChanges(bytes);
      },
      context.signal,
    ),
  );
  if (changes === undefined) return undefined;
  if (changes.to !== to || changes.span !== span) {
    throw fail(
      'CLIENT_MIX',
      `${path}: runs of ${changes.span} up to version ${changes.to}, expected ${span} up to ${to}`,
    );
  }
  const runs: ChangeRun[] = [];
  for (let end = to; end > from; end -= span) {
    const run = changes.runs[runs.length];
    if (run === undefined) return undefined;
    if (end - span === base.version) assertFollows(run, base);
    runs.push(run);
  }
  return runs;
}

function assertFollows({ start }: ChangeRun, base: Base): void {
  const expected = base.root.slice(0, 2 * start.length);
  if (encodeHex(start) === expected) return;
  throw fail(
    'CLIENT_EQUIVOCATION',
    `crates: map version ${base.version} had root ${encodeHex(start)}…, expected ${expected}…`,
    { details: { version: base.version, root: encodeHex(start), expected: base.root } },
  );
}

/** Changes spare proofs; a mirror need not have them. */
async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isTufError(error, 'CLIENT_MISSING')) return undefined;
    throw error;
  }
}
