import { lookAt, type Look, type Records, type SignedState } from '@cargo-tuf/auditor';
import { openMemoryStore, shapeOf, type Source } from '@cargo-tuf/client';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { changesPath, type Leaf, MerkleTree, tilePath } from '@cargo-tuf/merkle-snapshot';

import { readState } from '@cargo-tuf/repository';
import { forge, HonestRepository, indexEntry, signedPart, SimulatedClock } from '@cargo-tuf/simulator';
import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';

export type Files = ReadonlyMap<string, Uint8Array>;

/** A registry with a few crates in two publishes. */
export async function openRegistry(): Promise<HonestRepository> {
  const honest = await HonestRepository.create({ clock: new SimulatedClock() });
  const entries = ['itoa', 'ryu', 'serde', 'libc'].map(name => [name, indexEntry(name, '1.0.0')] as const);
  await honest.publish({ entries: new Map(entries) });
  await honest.publish({ entries: new Map([['itoa', indexEntry('itoa', '1.0.0', '1.0.1')]]) });
  return honest;
}

export function sourceOf(files: Files): Source {
  return { fetch: async path => files.get(path) ?? null };
}

/** Records in memory. */
export function openRecords(): Records & { readonly kept: ReadonlyMap<number, SignedState> } {
  const kept = new Map<number, SignedState>();
  const roots: Uint8Array[] = [];
  return {
    kept,
    roots: async () => roots,
    addRoot: async (_, bytes) => void roots.push(bytes),
    versions: async () => [...kept.keys()].sort((a, b) => a - b),
    state: async version => kept.get(version),
    addState: async (version, state) => void kept.set(version, state),
  };
}

/** A monitor with a memory. */
export class Auditor {
  readonly records: ReturnType<typeof openRecords> = openRecords();
  readonly #store = openMemoryStore();
  readonly #honest: HonestRepository;

  constructor(honest: HonestRepository) {
    this.#honest = honest;
  }

  look(
    files: Files,
    more: { readonly others?: readonly Files[]; readonly timestamps?: readonly Uint8Array[] } = {},
  ): Promise<Look> {
    return lookAt({
      root: this.#honest.root,
      reading: { format: 'json' },
      source: sourceOf(files),
      others: (more.others ?? []).map(sourceOf),
      timestamps: more.timestamps ?? [],
      store: this.#store,
      records: this.records,
      clock: this.#honest.clock.now,
    });
  }
}

export interface Misdeed {
  /** Leaves of the published map, by name; what is left out is dropped. */
  readonly leaves?: (leaves: Map<string, Leaf>, tree: number) => void;
  /** The tree version to sign, one more than the published one unless given. */
  readonly tree?: (published: number) => number;
  /** What is signed to have changed since the published map; nothing is said unless given. */
  readonly changes?: (published: Uint8Array, tree: number) => Uint8Array;
  /** Another `merkle_root` in the timestamp. */
  readonly merkleRoot?: string;
  /** The timestamp version to sign, one more than the published one unless given. */
  readonly timestamp?: (published: number) => number;
}

/** What who holds the online keys can publish: the files of a repository that keeps to no rule. */
export async function misbehave(
  honest: HonestRepository,
  misdeed: Misdeed,
): Promise<Map<string, Uint8Array>> {
  const files = new Map(honest.files);
  const state = await readState(honest.context.bytes);
  const published = state.crates.value.map?.version ?? 0;
  const version = (misdeed.tree ?? (tree => tree + 1))(published);
  const leaves = new Map([...state.tree.leaves()].map(leaf => [leaf.name, leaf]));
  misdeed.leaves?.(leaves, version);
  const tree = MerkleTree.from(shapeOf('crates', state.repository), leaves.values());
  for (const { hash, bytes } of tree.tiles()) files.set(tilePath(hash), bytes);
  const root = encodeHex(tree.root);
  const changes = misdeed.changes?.(state.tree.root, version);
  if (changes !== undefined) files.set(changesPath(sha256(changes)), changes);
  const map = new Map<string, JsonValue>([
    ['root', root],
    ['version', version],
    ['size', tree.size],
    ...(changes
      ? [['changes', new Map([['1', [changes.length, encodeHex(sha256(changes))]]])] as const]
      : []),
  ]);
  const sign = async (
    role: 'crates' | 'snapshot' | 'timestamp',
    bytes: Uint8Array,
    next: number,
    changes: Readonly<Record<string, JsonValue>>,
  ): Promise<JsonObject> => {
    const signed = await forge(bytes, { version: next, ...changes }, honest.signers.get(role) ?? []);
    files.set(`metadata/${role === 'timestamp' ? '' : `${next}.`}${role}.json`, signed);
    return new Map<string, JsonValue>([
      ['version', next],
      ['length', signed.length],
      ['hashes', new Map([['sha256', encodeHex(sha256(signed))]])],
    ]);
  };
  const extension = signedPart(state.crates.bytes).get('x-cargo-tuf') as JsonObject;
  // Numbers that the honest publisher has not reached.
  const crates = await sign('crates', state.crates.bytes, state.crates.value.version + 100, {
    'x-cargo-tuf': new Map([...extension, ['map', map]]),
  });
  const meta = signedPart(state.snapshot.bytes).get('meta') as JsonObject;
  const snapshot = await sign('snapshot', state.snapshot.bytes, state.snapshot.value.version + 100, {
    meta: new Map([...meta, ['crates.json', crates]]),
  });
  const stamp = (misdeed.timestamp ?? (each => each + 1))(state.timestamp.value.version);
  await sign('timestamp', state.timestamp.bytes, stamp, {
    meta: new Map([['snapshot.json', snapshot]]),
    merkle_root: misdeed.merkleRoot ?? root,
  });
  return files;
}
