// The content-addressed hash-array trie of the Cargo team's experiment: an index node is an array of 2^breadth hashes and takes that many
// bits of the key; after `depth` of them, the root included, comes a list of names and hashes. A hash is 33 bytes: a bound of the size of
// what it stands for (its power of two), and SHA-256. Encoded as there:
//
//   01 <hash[33]>…                                      index node
//   00 <count u32le> (<length u32le> <name> <hash[33]>)…   list, by name
//
// Only the timestamp, which states the root, is signed. A node is written when it is asked for; its hash is kept.

import { createHash } from 'node:crypto';
import type { Source } from '@cargo-tuf/client';
import type { KeyOrder } from '../population/key-order.ts';
import { keyPrefix } from '../population/key-order.ts';
import type { Ledger } from '../population/ledger.ts';
import { Tally } from '../transport/tally.ts';
import type { Layout } from './layout.ts';
import { readTimestamp } from './plain-reader.ts';
import { PlainRoles } from './plain-roles.ts';
import { listOf, TrieClient } from './trie-client.ts';

export interface TrieShape {
  /** Index nodes on the way to a list, the root included. */
  readonly depth: number;
  /** Bits of the key that an index node takes. */
  readonly breadth: number;
}

const HASH = 33;

export async function openTrie(
  ledger: Ledger,
  order: KeyOrder,
  shape: TrieShape,
  time: number,
): Promise<Layout> {
  const { depth, breadth } = shape;
  const roles = new PlainRoles(time);
  /** Hashes by level: the root, then its children, down to the lists. */
  const hashes = Array.from({ length: depth + 1 }, (_, level) => Buffer.alloc(HASH * 2 ** (breadth * level)));
  const places = new Map<string, { readonly level: number; readonly node: number }>();
  const emptyList = listOf(ledger, []);
  const emptyId = contentHash(emptyList).toString('hex');
  let version = 0;
  let timestamp: Uint8Array = new Uint8Array();

  const bytesOf = (level: number, node: number): Buffer => {
    if (level === depth) return listOf(ledger, order.group(breadth * depth, node));
    const children = hashes[level + 1] as Buffer;
    const width = HASH * 2 ** breadth;
    return Buffer.concat([Buffer.from([1]), children.subarray(width * node, width * (node + 1))]);
  };
  const hash = (level: number, node: number): number => {
    const bytes = bytesOf(level, node);
    const at = hashes[level] as Buffer;
    places.delete(at.toString('hex', HASH * node, HASH * (node + 1)));
    const digest = contentHash(bytes);
    digest.copy(at, HASH * node);
    places.set(digest.toString('hex'), { level, node });
    return bytes.length;
  };
  const signRoot = async (): Promise<void> => {
    version += 1;
    timestamp = await roles.timestamp(version, { version }, (hashes[0] as Buffer).toString('hex', 1));
  };
  for (let level = depth; level >= 0; level--)
    for (let node = 0; node < 2 ** (breadth * level); node++) hash(level, node);
  await signRoot();

  return {
    ledger,
    parameters: `depth ${depth}, breadth ${breadth}`,
    gzip: false,
    serve: path => {
      if (path === 'metadata/timestamp.json') return { bytes: timestamp };
      const id = path.replace('tree/', '');
      // Several places may have an empty list.
      if (id === emptyId) return { bytes: emptyList };
      const place = places.get(id);
      return place === undefined ? null : { bytes: bytesOf(place.level, place.node) };
    },
    publish: async crates => {
      ledger.publish(crates);
      const written = new Tally();
      const lists = crates.map(crate => keyPrefix(ledger.path(crate)) >>> (32 - breadth * depth));
      for (let level = depth; level >= 0; level--)
        for (const node of new Set(lists.map(list => list >>> (breadth * (depth - level)))))
          written.add(`tree/${level}`, hash(level, node));
      await signRoot();
      written.add('metadata/timestamp.json', timestamp.length);
      return written.take();
    },
    newClient: () =>
      new TrieClient(ledger, shape, new Map(), async (source: Source) => {
        const { merkleRoot } = await readTimestamp(source, roles);
        return merkleRoot ?? '';
      }),
  };
}

function contentHash(bytes: Uint8Array): Buffer {
  const digest = createHash('sha256').update(bytes).digest();
  return Buffer.concat([Buffer.from([Math.ceil(Math.log2(bytes.length))]), digest]);
}
