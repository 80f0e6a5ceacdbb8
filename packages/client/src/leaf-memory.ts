import { isTufError } from '@cargo-tuf/errors';
import { encodeHex } from '@cargo-tuf/keys';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';
import { type Floors, formatFloors, leafVersion, NO_FLOORS, parseFloors, raiseFloors } from './floors.ts';
import { assertLeafNotLower } from './leaf-rules.ts';
import { formatProved, parseProved, type ProvedLeaves, REMEMBERED } from './proved-leaves.ts';
import type { Store } from './store.ts';

type Leaves = ReadonlyMap<string, Leaf | undefined>;

export interface StoredLeaves {
  readonly store: Store;
  readonly floors: Floors;
  /** Of the store, when these floors stood in it. */
  readonly revision: number;
  /** The document of proved leaves, as the store has it. */
  readonly proved: Uint8Array | undefined;
}

/**
 * What a store remembers of leaves: floors, below which no leaf may fall, whoever signed the map; and those that a map proved,
 * which need no new proof while they have not changed.
 */
export class LeafMemory {
  readonly #store: Store;
  #floors: Floors;
  #proved: ProvedLeaves | undefined;
  /** Whether the store has other proved leaves than this memory. */
  #isProvedNew = false;
  /** Whether the next write takes them along. */
  #isSettling = false;
  /** What the store holds as far as is known; undefined after another writer. */
  #stored: Pick<StoredLeaves, 'floors' | 'revision'> | undefined;
  #lastWrite: Promise<void> = Promise.resolve();
  #nextWrite: Promise<void> | undefined;

  constructor({ store, floors, revision, proved }: StoredLeaves) {
    this.#store = store;
    this.#floors = floors;
    this.#stored = { floors, revision };
    this.#proved = proved && parseProved(proved);
  }

  /** The leaves that the newest map known to this memory proved. */
  get proved(): ProvedLeaves | undefined {
    return this.#proved;
  }

  /** Adds leaves that hold in the map; what was remembered of another one is forgotten. */
  remember(map: Omit<ProvedLeaves, 'leaves'>, leaves: Leaves): void {
    const isSame = this.#proved?.version === map.version && this.#proved.root === map.root;
    const known = isSame ? (this.#proved?.leaves ?? new Map()) : new Map<string, Leaf | undefined>();
    const added = [...leaves].filter(([name]) => !known.has(name)).slice(0, REMEMBERED - known.size);
    if (added.length === 0) return;
    this.#proved = { version: map.version, root: map.root, leaves: new Map([...known, ...added]) };
    this.#isProvedNew = true;
  }

  /** Throws `CLIENT_ROLLBACK` for a leaf that fell. True when there is something to keep. */
  raise(leaves: Leaves): boolean {
    const raised = new Map<string, string>();
    for (const [name, leaf] of leaves) {
      const known = this.#floors.leaves.get(name);
      if (leaf === undefined) {
        if (known === undefined) continue;
        throw fail(
          'CLIENT_ROLLBACK',
          `${name}: proved absent, expected version ${leafVersion(known)} or higher: names never vanish`,
        );
      }
      const text = `${leaf.version}:${encodeHex(leaf.sha256)}`;
      if (known === text) continue;
      if (known !== undefined) assertLeafNotLower(name, leaf, text, known);
      raised.set(name, text);
    }
    if (raised.size === 0) return false;
    this.#floors = raiseFloors(this.#floors, { ...NO_FLOORS, leaves: raised });
    return true;
  }

  /** Puts proved leaves into the store, where it has others: they spare work, so nobody waits for them but the end of it. */
  async settle(): Promise<void> {
    await this.#lastWrite;
    if (!this.#isProvedNew) return;
    this.#isSettling = true;
    await this.keep();
  }

  /** Puts the floors into the store. One write serves all callers that wait for the write before it. */
  keep(): Promise<void> {
    this.#nextWrite ??= this.#lastWrite.then(() => {
      this.#nextWrite = undefined;
      const write = this.#write();
      this.#lastWrite = write.catch(() => undefined);
      return write;
    });
    return this.#nextWrite;
  }

  async #write(): Promise<void> {
    for (;;) {
      const { floors: kept, revision } = this.#stored ?? (await this.#read());
      const floors = raiseFloors(kept, this.#floors);
      this.#stored = undefined;
      const changes = new Map([['floors', formatFloors(floors)]]);
      const proved = this.#isSettling ? this.#proved : undefined;
      if (proved !== undefined) changes.set('proved', formatProved(proved));
      try {
        const next = await this.#store.replace(revision, changes);
        this.#stored = { floors, revision: next };
        if (proved !== undefined) this.#isSettling = false;
        if (proved !== undefined && proved === this.#proved) this.#isProvedNew = false;
        return;
      } catch (error) {
        if (!isTufError(error) || error.kind !== 'conflict') throw error;
      }
    }
  }

  /** Another process may work on a newer map: its leaves stay. */
  async #read(): Promise<Pick<StoredLeaves, 'floors' | 'revision'>> {
    const { revision, documents } = await this.#store.read();
    const kept = documents.get('floors');
    const theirs = documents.get('proved');
    const proved = theirs && parseProved(theirs);
    const ours = this.#proved;
    if (proved !== undefined && ours !== undefined) {
      if (proved.version === ours.version && proved.root === ours.root) this.remember(ours, proved.leaves);
      else if (proved.version > ours.version) {
        this.#proved = undefined;
        this.#isProvedNew = this.#isSettling = false;
      }
    }
    return { revision, floors: kept === undefined ? NO_FLOORS : parseFloors(kept) };
  }
}
