import { isTufError } from '@cargo-tuf/errors';
import { decodeHex } from '@cargo-tuf/keys';
import { countsPath, type MapShape, MerkleTree, tilePath, type TileReader } from '@cargo-tuf/merkle-snapshot';
import type { MapRoot } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import type { PublishedBytes } from './published-bytes.ts';

/** Files that are read at once. */
const PARALLEL = 64;

/** Of the published map what the names need; the whole map without names. Throws `REPOSITORY_DAMAGED`. */
export function readMap(
  bytes: PublishedBytes,
  shape: MapShape,
  { root, size }: MapRoot,
  names: Iterable<string> | undefined,
): Promise<MerkleTree> {
  return checked(async () =>
    MerkleTree.read(shape, { root: decodeHex(root, 32), size }, readerOf(bytes), names),
  );
}

/** The same for a map of which something was read: that is not read again. */
export function openMap(
  bytes: PublishedBytes,
  tree: MerkleTree,
  names: Iterable<string> | undefined,
): Promise<MerkleTree> {
  return checked(async () => tree.open(readerOf(bytes), names));
}

function readerOf(bytes: PublishedBytes): TileReader {
  const read = inTurn(PARALLEL, async (path: string) => (await bytes.get(path))?.bytes ?? null);
  return { tile: hash => read(tilePath(hash)), counts: hash => read(countsPath(hash)) };
}

async function checked(read: () => Promise<MerkleTree>): Promise<MerkleTree> {
  try {
    return await read();
  } catch (cause) {
    // A name is the caller's.
    if (!isTufError(cause) || !cause.code.startsWith('MERKLE_') || cause.code === 'MERKLE_NAME') throw cause;
    throw fail('REPOSITORY_DAMAGED', `map: ${cause.message}`, { cause, details: cause.details });
  }
}

/** `work`, of which at most `parallel` run at once. */
function inTurn<In, Out>(parallel: number, work: (input: In) => Promise<Out>): (input: In) => Promise<Out> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async input => {
    if (running >= parallel) await new Promise<void>(resolve => waiting.push(resolve));
    running += 1;
    try {
      return await work(input);
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
