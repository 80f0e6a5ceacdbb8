// Reads the state that a mirror serves, as a client with no memory does: what contradicts an earlier state must be seen here,
// not refused.

import {
  acceptRoot,
  CLIENT_LIMITS,
  fetchAccepted,
  type Source,
  type TrustedMetadata,
} from '@cargo-tuf/client';
import {
  acceptDelegated,
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
  type AbortSignal,
} from '@cargo-tuf/client';
import { type MetaFile, roleUrlPath } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { type RootChain, type SignedState, type VerifiedState, verifyState } from './signed-state.ts';

export interface StatePorts {
  readonly source: Source;
  readonly signal?: AbortSignal | undefined;
}

/** The chain with every root that the source has after it. */
export async function followRoots({ source, signal }: StatePorts, chain: RootChain): Promise<RootChain> {
  const roots = [...chain];
  for (let rotations = 0; rotations < CLIENT_LIMITS.rootRotations; rotations++) {
    const last = roots.at(-1) as TrustedMetadata;
    const path = `metadata/${last.root.value.version + 1}.root.json`;
    const bytes = await source.fetch(path, { maxLength: CLIENT_LIMITS.root, ...(signal && { signal }) });
    if (bytes === null) break;
    roots.push(acceptRoot(last, bytes));
  }
  return roots;
}

/**
 * The state that a source serves, under the newest root. `timestamp`: one that somebody was given, instead of the source's
 * own. Throws what a client would throw, but never for what contradicts an earlier state.
 */
export async function fetchState(
  ports: StatePorts,
  chain: RootChain,
  time: number,
  timestamp?: Uint8Array,
): Promise<VerifiedState> {
  const { source, signal } = ports;
  let trusted = chain.at(-1) as TrustedMetadata;
  trusted =
    timestamp === undefined
      ? await fetchAccepted(
          source,
          'metadata/timestamp.json',
          CLIENT_LIMITS.timestamp,
          'every repository has one',
          bytes => acceptTimestamp(trusted, bytes, time),
          signal,
        )
      : acceptTimestamp(trusted, timestamp, time);
  const step = async (
    name: string,
    file: MetaFile | undefined,
    limit: number,
    accept: (bytes: Uint8Array) => TrustedMetadata,
  ): Promise<Uint8Array> => {
    if (file === undefined) throw fail('AUDIT_NO_MAP', `snapshot: does not name ${name}.json, expected it`);
    const { consistentSnapshot } = trusted.root.value;
    const path = `metadata/${roleUrlPath(name, consistentSnapshot ? file.version : undefined)}`;
    const most = Math.min(limit, file.length ?? limit);
    const expected = `version ${file.version} of ${name} is signed`;
    return fetchAccepted(
      source,
      path,
      most,
      expected,
      bytes => {
        trusted = accept(bytes);
        return bytes;
      },
      signal,
    );
  };
  const { snapshot: snapshotLimit, targets: targetsLimit } = CLIENT_LIMITS;
  const snapshot = await step('snapshot', trusted.timestamp?.value.snapshot, snapshotLimit, bytes =>
    acceptSnapshot(trusted, bytes, time),
  );
  const named = (name: string): MetaFile | undefined => trusted.snapshot?.value.meta.get(`${name}.json`);
  const targets = await step('targets', named('targets'), targetsLimit, bytes =>
    acceptTargets(trusted, bytes, time),
  );
  const delegated = (name: string): Promise<Uint8Array> =>
    step(name, named(name), targetsLimit, bytes => acceptDelegated(trusted, name, bytes, time));
  const claims = await delegated('claims');
  const crates = await delegated('crates');
  const files: SignedState = {
    root: trusted.root.value.version,
    timestamp: trusted.timestamp?.bytes ?? new Uint8Array(0),
    snapshot,
    targets,
    claims,
    crates,
  };
  return verifyState(chain, files, time);
}
