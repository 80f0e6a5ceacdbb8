import { isTufError } from '@cargo-tuf/errors';
import { encodeHex } from '@cargo-tuf/keys';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { fail } from './errors.ts';
import { type Floors, formatFloors, leafVersion, NO_FLOORS, parseFloors, raiseFloors } from './floors.ts';
import { assertLeafNotLower } from './leaf-rules.ts';
import type { Store } from './store.ts';

export interface StoredFloors {
  readonly store: Store;
  readonly floors: Floors;
  /** Of the store, when these floors stood in it. */
  readonly revision: number;
}

/** No leaf may fall below what a store has seen of it, whoever signed the map. */
export class LeafFloors {
  readonly #store: Store;
  #floors: Floors;
  /** What the store holds as far as is known; undefined after another writer. */
  #stored: Pick<StoredFloors, 'floors' | 'revision'> | undefined;
  #lastWrite: Promise<void> = Promise.resolve();
  #nextWrite: Promise<void> | undefined;

  constructor({ store, floors, revision }: StoredFloors) {
    this.#store = store;
    this.#floors = floors;
    this.#stored = { floors, revision };
  }

  /** Throws `CLIENT_ROLLBACK` for a leaf that fell. True when there is something to keep. */
  raise(leaves: ReadonlyMap<string, Leaf | undefined>): boolean {
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
      try {
        const next = await this.#store.replace(revision, new Map([['floors', formatFloors(floors)]]));
        this.#stored = { floors, revision: next };
        return;
      } catch (error) {
        if (!isTufError(error) || error.kind !== 'conflict') throw error;
      }
    }
  }

  async #read(): Promise<Pick<StoredFloors, 'floors' | 'revision'>> {
    const { revision, documents } = await this.#store.read();
    const kept = documents.get('floors');
    return { revision, floors: kept === undefined ? NO_FLOORS : parseFloors(kept) };
  }
}
