// Ours (docs/pouf.md): written by the publisher of `repository`, read by `client`. Only the first state, of many crates at once, is signed
// here.

import { openClient, type Source } from '@cargo-tuf/client';
import { publish, type PublisherContext } from '@cargo-tuf/repository';
import { PackedBytes } from '../packed-bytes.ts';
import type { Ledger } from '../population/ledger.ts';
import { ForkableStore } from './forkable-store.ts';
import { createRegistry } from './genesis.ts';
import type { Layout, LayoutClient } from './layout.ts';

/** Far above what one level of a lookup asks for: all of it is asked for at once, as the measure of rounds wants. */
const PARALLEL = 8_192;

export interface TilesLayout extends Layout {
  /** `parallel`: requests under way at once; all that can be asked for when undefined. */
  newClient(parallel?: number): LayoutClient;
}

export async function openTiles(ledger: Ledger, clock: () => number): Promise<TilesLayout> {
  const bytes = new PackedBytes();
  const context: PublisherContext = await createRegistry(bytes, ledger, clock);
  bytes.written.take();
  const root = bytes.read('metadata/1.root.json') as Uint8Array;
  return {
    ledger,
    parameters: '',
    gzip: false,
    serve: path => {
      const file = bytes.read(path);
      return file === undefined ? null : { bytes: file };
    },
    publish: async crates => {
      await publish(context, { entries: ledger.publish(crates) });
      return bytes.written.take();
    },
    newClient: (parallel = PARALLEL) => new TilesClient(root, ledger, clock, parallel, new ForkableStore()),
  };
}

class TilesClient implements LayoutClient {
  readonly #root: Uint8Array;
  readonly #ledger: Ledger;
  readonly #clock: () => number;
  readonly #parallel: number;
  readonly #store: ForkableStore;

  constructor(root: Uint8Array, ledger: Ledger, clock: () => number, parallel: number, store: ForkableStore) {
    this.#root = root;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#parallel = parallel;
    this.#store = store;
  }

  fork(): LayoutClient {
    return new TilesClient(this.#root, this.#ledger, this.#clock, this.#parallel, this.#store.fork());
  }

  async check(source: Source, crates: readonly number[]): Promise<readonly Uint8Array[]> {
    const client = openClient({
      root: this.#root,
      source,
      store: this.#store,
      clock: this.#clock,
      eager: true,
      limits: { parallel: this.#parallel },
    });
    const names = crates.map(crate => this.#ledger.name(crate));
    const snapshot = await client.sync();
    const leaves = await snapshot.leaves(names);
    await snapshot.settle();
    return names.map(name => leaves.get(name)?.sha256 ?? new Uint8Array());
  }
}
