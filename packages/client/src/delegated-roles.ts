import { encodeCanonical } from '@cargo-tuf/canonical-json';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import type { Targets, Verified } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { fetchAccepted } from './fetch.ts';
import type { SnapshotContext } from './snapshot.ts';
import { attempt } from './stored.ts';
import type { DelegationStep } from './target-search.ts';
import { metadataPath, namedInSnapshot, verifyDelegated } from './trusted.ts';

/** Document of the store that holds a delegated role's file. */
const documentOf = (role: string): string => `delegated.${role}`;

/**
 * The role at the end of a delegation, by that delegation's keys: the stored file where it is the one that the snapshot
 * names, else one from a mirror, which is then stored. Offline, expiry does not count.
 */
export async function openDelegated(context: SnapshotContext, step: DelegationStep): Promise<Targets> {
  const { trusted, source, limits, signal } = context;
  const { name, role, delegations } = step;
  const time = source === undefined ? Number.NEGATIVE_INFINITY : context.time;
  const verify = (bytes: Uint8Array): Verified<Targets> =>
    verifyDelegated(trusted, name, delegations.keys, role, bytes, time);
  const stored = await storedRole(context, step);
  const known = stored && attempt(() => verify(stored));
  if (known !== undefined) return known.value;
  if (source === undefined) {
    throw fail('CLIENT_OFFLINE', `${name}: not on this machine, and this run is offline`);
  }
  const named = namedInSnapshot(trusted, name);
  const accepted = await fetchAccepted(
    source,
    metadataPath(trusted, name, named.version),
    Math.min(limits.targets, named.length ?? limits.targets),
    `version ${named.version} of ${name} is signed`,
    verify,
    signal,
  );
  await storeRole(context, step, accepted.bytes);
  return accepted.value;
}

/** Bins are many, and the documents are read as one: a bin is kept in the cache, one file under the hash of its name. */
const binKey = (name: string): string => encodeHex(sha256(encodeCanonical(name)));

async function storedRole(
  { store }: SnapshotContext,
  { name, isBin }: DelegationStep,
): Promise<Uint8Array | undefined> {
  if (isBin) return (await store.cached('role', binKey(name))) ?? undefined;
  return (await store.read()).documents.get(documentOf(name));
}

async function storeRole(
  { store }: SnapshotContext,
  { name, isBin }: DelegationStep,
  bytes: Uint8Array,
): Promise<void> {
  if (isBin) return store.keep('role', binKey(name), bytes);
  for (;;) {
    const { revision } = await store.read();
    try {
      await store.replace(revision, new Map([[documentOf(name), bytes]]));
      return;
    } catch (error) {
      if (!isTufError(error) || error.kind !== 'conflict') throw error;
    }
  }
}
