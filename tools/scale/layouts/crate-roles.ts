// One targets role a crate, as TAP 16 and a snapshot of versions have it: signed when it is asked for, since a signature of Ed25519 is a
// function of key and message.

import type { Source } from '@cargo-tuf/client';
import { encodeHex } from '@cargo-tuf/keys';
import { parseEnvelope, verifyRole } from '@cargo-tuf/metadata';
import type { Ledger } from '../population/ledger.ts';
import { fetchFile } from './plain-reader.ts';
import type { PlainRoles } from './plain-roles.ts';

/** The file `metadata/<revision>.<name>.json`. */
export function crateRole(roles: PlainRoles, ledger: Ledger, crate: number): Promise<Uint8Array> {
  const { length, sha256, revision } = ledger.entry(crate);
  const targets = new Map([
    [ledger.path(crate), { length, hashes: new Map([['sha256', encodeHex(sha256)]]) }],
  ]);
  return roles.targets(revision, targets);
}

/** The role files that a client has verified. */
export class KnownCrateRoles {
  readonly #roles: PlainRoles;
  readonly #ledger: Ledger;
  /** By the crate's number. */
  readonly #known: Map<number, { readonly version: number; readonly sha256: Uint8Array }>;

  constructor(
    roles: PlainRoles,
    ledger: Ledger,
    known: Map<number, { readonly version: number; readonly sha256: Uint8Array }> = new Map(),
  ) {
    this.#roles = roles;
    this.#ledger = ledger;
    this.#known = known;
  }

  fork(): KnownCrateRoles {
    return new KnownCrateRoles(this.#roles, this.#ledger, new Map(this.#known));
  }

  /** What the role of this version says of the crate's index entry: its SHA-256. */
  async entry(source: Source, crate: number, version: number): Promise<Uint8Array> {
    const known = this.#known.get(crate);
    if (known?.version === version) return known.sha256;
    const name = this.#ledger.name(crate);
    const bytes = await fetchFile(source, `metadata/${version}.${name}.json`);
    const { value } = verifyRole(parseEnvelope(bytes), 'targets', this.#roles.keys, this.#roles.role, name);
    const hash = value.targets.get(this.#ledger.path(crate))?.hashes.get('sha256');
    if (value.version !== version || hash === undefined)
      throw new Error(`${name}: version ${value.version}, expected ${version} with its entry`);
    const sha256 = Buffer.from(hash, 'hex');
    this.#known.set(crate, { version, sha256 });
    return sha256;
  }
}
