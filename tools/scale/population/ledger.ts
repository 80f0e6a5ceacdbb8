// A registry of made-up crates: what every crate's index entry is, now. Nothing is kept but what was published since the start, so a
// registry of 50 million crates takes no memory. Crate 0 is the most popular one.

import { createHash } from 'node:crypto';
import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { indexEntry } from '@cargo-tuf/simulator';
import { crateName, crateOfName } from './names.ts';
import { mixed, normal } from './random.ts';

/** What is signed of one crate. */
export interface Entry {
  readonly length: number;
  readonly sha256: Uint8Array;
  /** Number of the publish that made it. */
  readonly version: number;
  /** How often the crate was published. */
  readonly revision: number;
}

/** Publishes before the start; the crates' entries are of any of them. */
export const PAST_PUBLISHES = 2_000_000;

const [LENGTH, VERSION, REVISION] = [10, 12, 14] as const;
// Bytes of an entry are log-normal with a mean of 3.3 kB: 250,000 entries of crates.io have 0.83 GB.
const [MEDIAN_LENGTH, DEVIATION] = [1_400, 1.3] as const;

export class Ledger {
  readonly size: number;
  readonly seed: number;
  readonly #published = new Map<number, Entry>();
  #publishes = PAST_PUBLISHES;

  constructor(size: number, seed: number) {
    this.size = size;
    this.seed = seed;
  }

  name(crate: number): string {
    return crateName(this.seed, crate);
  }

  /** The crate of this name; undefined where there is none. */
  find(name: string): number | undefined {
    const crate = crateOfName(name);
    return crate !== undefined && crate < this.size && this.name(crate) === name ? crate : undefined;
  }

  /** `it/oa/itoa` */
  path(crate: number): string {
    return indexPathOfLowerCase(this.name(crate));
  }

  entry(crate: number): Entry {
    const published = this.#published.get(crate);
    if (published !== undefined) return published;
    const length = Math.ceil(MEDIAN_LENGTH * Math.exp(DEVIATION * normal(this.seed, LENGTH, crate)));
    return {
      length: Math.min(length, 4_000_000),
      sha256: createHash('sha256').update(`entry ${this.seed} ${crate}`).digest(),
      version: 1 + (mixed(this.seed, VERSION, crate) % PAST_PUBLISHES),
      revision: Math.ceil(3 * Math.exp(normal(this.seed, REVISION, crate))),
    };
  }

  /** One more version of each of these crates, in one snapshot. Gives the bytes of their entries by name. */
  publish(crates: readonly number[]): Map<string, Uint8Array> {
    this.#publishes += 1;
    const entries = new Map<string, Uint8Array>();
    for (const crate of crates) {
      const revision = this.entry(crate).revision + 1;
      const bytes = indexEntry(this.name(crate), `1.0.${revision}`);
      const sha256 = createHash('sha256').update(bytes).digest();
      this.#published.set(crate, { length: bytes.length, sha256, version: this.#publishes, revision });
      entries.set(this.name(crate), bytes);
    }
    return entries;
  }
}
