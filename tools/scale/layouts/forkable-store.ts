import type { Store, TrustedDocuments } from '@cargo-tuf/client';

/** A store in memory of which a copy goes its own way. Only one user at a time. */
export class ForkableStore implements Store {
  #state: TrustedDocuments = { revision: 0, documents: new Map() };
  #cache = new Map<string, Uint8Array>();

  fork(): ForkableStore {
    const fork = new ForkableStore();
    fork.#state = this.#state;
    fork.#cache = new Map(this.#cache);
    return fork;
  }

  async read(): Promise<TrustedDocuments> {
    return this.#state;
  }

  async replace(expected: number, changes: ReadonlyMap<string, Uint8Array | null>): Promise<number> {
    if (this.#state.revision !== expected)
      throw new Error(`store: revision ${this.#state.revision}, expected ${expected}`);
    const documents = new Map(this.#state.documents);
    for (const [name, bytes] of changes) {
      if (bytes === null) documents.delete(name);
      else documents.set(name, bytes);
    }
    this.#state = { revision: expected + 1, documents };
    return this.#state.revision;
  }

  async cached(kind: string, hash: string): Promise<Uint8Array | null> {
    return this.#cache.get(`${kind}/${hash}`) ?? null;
  }

  async keep(kind: string, hash: string, bytes: Uint8Array): Promise<void> {
    this.#cache.set(`${kind}/${hash}`, bytes);
  }
}
