// One state of a repository as the files that sign it, from the timestamp down to the maps.

import {
  acceptDelegated,
  acceptRoot,
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
} from '@cargo-tuf/client';
import { type Reading, trustRoot, type TrustedMetadata } from '@cargo-tuf/client';
import { parseEnvelope, type MapRoot } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';

/** The files below a root, and the version of that root. All bytes are as they were served. */
export interface SignedState {
  readonly root: number;
  readonly timestamp: Uint8Array;
  readonly snapshot: Uint8Array;
  readonly targets: Uint8Array;
  readonly claims: Uint8Array;
  readonly crates: Uint8Array;
}

export const STATE_FILES = ['timestamp', 'snapshot', 'targets', 'claims', 'crates'] as const;

/** The same after its signatures held. */
export interface VerifiedState {
  readonly files: SignedState;
  readonly trusted: TrustedMetadata;
  /** Version of the timestamp. */
  readonly version: number;
  /** What the signatures of the timestamp cover. */
  readonly payload: Uint8Array;
  readonly crates: MapRoot;
  readonly claims: MapRoot;
  /** `merkle_root` of the timestamp. */
  readonly merkleRoot: string | undefined;
  /** The repository id, 64 hex digits. */
  readonly repository: string;
  readonly epoch: number;
}

/** Roots one after the other, from the one that is trusted; each vouches for the next. */
export type RootChain = readonly TrustedMetadata[];

export function openChain(anchor: Uint8Array, next: readonly Uint8Array[], reading: Reading): RootChain {
  const chain = [trustRoot(anchor, reading)];
  for (const bytes of next) chain.push(acceptRoot(chain.at(-1) as TrustedMetadata, bytes));
  return chain;
}

/** For evidence, which does not expire. */
export const NO_EXPIRY: number = Number.NEGATIVE_INFINITY;

/** `time`: milliseconds since 1970, or `NO_EXPIRY`. Throws what the client would throw, `AUDIT_ROOTS`, `AUDIT_NO_MAP`. */
export function verifyState(chain: RootChain, files: SignedState, time: number): VerifiedState {
  const start = chain.find(({ root }) => root.value.version === files.root);
  if (start === undefined)
    throw fail('AUDIT_ROOTS', `root ${files.root}: is none of the ${chain.length} roots from the anchor on`);
  let trusted = acceptTimestamp(start, files.timestamp, time);
  trusted = acceptSnapshot(trusted, files.snapshot, time);
  trusted = acceptTargets(trusted, files.targets, time);
  trusted = acceptDelegated(trusted, 'claims', files.claims, time);
  trusted = acceptDelegated(trusted, 'crates', files.crates, time);
  return stateOf(files, trusted);
}

function stateOf(files: SignedState, trusted: TrustedMetadata): VerifiedState {
  const root = trusted.root.value;
  const [claims, crates] = ['claims', 'crates'].map(role => trusted.delegated.get(role)?.value.map);
  if (
    root.index?.kind !== 'map' ||
    root.repository === undefined ||
    claims === undefined ||
    crates === undefined
  )
    throw fail('AUDIT_NO_MAP', 'root: states no map of an index');
  return {
    files,
    trusted,
    version: trusted.timestamp?.value.version ?? 0,
    payload: parseEnvelope(files.timestamp, trusted.reading.format, trusted.reading).payload,
    crates,
    claims,
    merkleRoot: trusted.timestamp?.value.merkleRoot,
    repository: root.repository,
    epoch: root.index.epoch,
  };
}
