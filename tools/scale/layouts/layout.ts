import type { Source } from '@cargo-tuf/client';
import type { Ledger } from '../population/ledger.ts';
import type { Count } from '../transport/tally.ts';
import type { Served } from '../transport/counting-server.ts';

/** A published registry in one layout, and how its clients verify what they need of it. */
export interface Layout {
  readonly ledger: Ledger;
  /** Parameters that were chosen for this size: "2^11 bins". Empty without any. */
  readonly parameters: string;
  /** Its files are sent with gzip to the clients that ask so. */
  readonly gzip: boolean;
  /** What a mirror has at `path`. */
  serve(path: string): Promise<Served | null> | Served | null;
  /** One more version of each of these crates, as one snapshot. Gives what was written for it, uncompressed. */
  publish(crates: readonly number[]): Promise<Readonly<Record<string, Count>>>;
  /** A client that has the trust anchor and nothing else. */
  newClient(): LayoutClient;
}

export interface LayoutClient {
  /** Comes up to date, verifies these crates and gives what was proved of each: the SHA-256 of its index entry. */
  check(source: Source, crates: readonly number[]): Promise<readonly Uint8Array[]>;
  /** Another client that has what this one has. */
  fork(): LayoutClient;
}
