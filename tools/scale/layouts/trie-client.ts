import { createHash } from 'node:crypto';
import type { Source } from '@cargo-tuf/client';
import type { Ledger } from '../population/ledger.ts';
import { keyPrefix } from '../population/key-order.ts';
import type { LayoutClient } from './layout.ts';
import { fetchFile } from './plain-reader.ts';
import type { TrieShape } from './trie.ts';

const HASH = 33;

/** The list of these crates, as it stands at a trie's end. */
export function listOf(ledger: Ledger, crates: Iterable<number>): Buffer {
  const named = Array.from(crates, crate => ({ name: ledger.name(crate), entry: ledger.entry(crate) })).sort(
    (left, right) => (left.name < right.name ? -1 : 1),
  );
  const parts = [Buffer.alloc(5)];
  parts[0]?.writeUInt32LE(named.length, 1);
  for (const { name, entry } of named) {
    const head = Buffer.alloc(4 + name.length + 1);
    head.writeUInt32LE(name.length);
    head.write(name, 4, 'latin1');
    head[4 + name.length] = Math.ceil(Math.log2(entry.length));
    parts.push(head, Buffer.from(entry.sha256));
  }
  return Buffer.concat(parts);
}

export class TrieClient implements LayoutClient {
  readonly #ledger: Ledger;
  readonly #shape: TrieShape;
  readonly #nodes: Map<string, Buffer>;
  readonly #readRoot: (source: Source) => Promise<string>;

  constructor(
    ledger: Ledger,
    shape: TrieShape,
    nodes: Map<string, Buffer>,
    readRoot: (source: Source) => Promise<string>,
  ) {
    this.#ledger = ledger;
    this.#shape = shape;
    this.#nodes = nodes;
    this.#readRoot = readRoot;
  }

  fork(): LayoutClient {
    return new TrieClient(this.#ledger, this.#shape, new Map(this.#nodes), this.#readRoot);
  }

  async check(source: Source, crates: readonly number[]): Promise<readonly Uint8Array[]> {
    const { depth, breadth } = this.#shape;
    const rootSize = Math.ceil(Math.log2(1 + HASH * 2 ** breadth));
    const root = Buffer.concat([Buffer.from([rootSize]), Buffer.from(await this.#readRoot(source), 'hex')]);
    const keys = crates.map(crate => keyPrefix(this.#ledger.path(crate)));
    const opened = new Map<string, Promise<Buffer>>();
    const open = (hash: Buffer): Promise<Buffer> => {
      const id = hash.toString('hex');
      const node = opened.get(id) ?? this.#node(source, id);
      opened.set(id, node);
      return node;
    };
    return Promise.all(
      crates.map(async (crate, at) => {
        let node = await open(root);
        for (let level = 0; level < depth; level++) {
          const child = ((keys[at] as number) >>> (32 - breadth * (level + 1))) & (2 ** breadth - 1);
          node = await open(node.subarray(1 + HASH * child, 1 + HASH * (child + 1)));
        }
        return findIn(node, this.#ledger.name(crate));
      }),
    );
  }

  async #node(source: Source, id: string): Promise<Buffer> {
    const known = this.#nodes.get(id);
    if (known !== undefined) return known;
    const bytes = Buffer.from(await fetchFile(source, `tree/${id}`));
    const digest = createHash('sha256').update(bytes).digest('hex');
    const bound = 2 ** Number.parseInt(id.slice(0, 2), 16);
    if (digest !== id.slice(2) || bytes.length > bound) throw new Error(`tree/${id}: SHA-256 ${digest}`);
    this.#nodes.set(id, bytes);
    return bytes;
  }
}

/** The entry's SHA-256 in a list. */
function findIn(list: Buffer, name: string): Uint8Array {
  for (let at = 5; at < list.length; ) {
    const end = at + 4 + list.readUInt32LE(at);
    if (list.toString('latin1', at + 4, end) === name) return list.subarray(end + 1, end + HASH);
    at = end + HASH;
  }
  throw new Error(`${name}: is not in its list`);
}
