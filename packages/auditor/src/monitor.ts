// One look of a monitor at a repository (docs/pouf.md, section 8):
//
//  1. Follow the roots, and read the state that is served.
//  2. A state of a timestamp version that is on record must be the one on record.
//  3. Any other state must come from the one on record before it, and the one after it must come from it.
//  4. What holds goes on record; what does not becomes evidence, and never goes on record: whatever comes later is still compared
//     with what was right.
//
// A state under one version stands on record once, so a mirror that shows two faces is caught by whoever sees both: one monitor
// that asks several mirrors, or that is given the timestamp of somebody's client.

import { acceptTimestamp, type Reading, type Source, type Store } from '@cargo-tuf/client';
import type { AbortSignal, TrustedMetadata } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { type Comparison, type ComparePorts, compareStates, type Finding } from './compare-states.ts';
import { fail } from './errors.ts';
import { fetchState, followRoots } from './fetch-state.ts';
import type { Records } from './records.ts';
import { NO_EXPIRY, openChain, type RootChain, type VerifiedState, verifyState } from './signed-state.ts';

export interface MonitorOptions {
  /** The bytes of the root.json that is trusted. */
  readonly root: Uint8Array;
  readonly reading: Reading;
  /** The repository itself, or the mirror that clients use. */
  readonly source: Source;
  /** Other points of view: their states may be old. */
  readonly others?: readonly Source[];
  /** Timestamps that clients elsewhere were given. */
  readonly timestamps?: readonly Uint8Array[];
  /** Where tiles are kept: evidence needs those of earlier states, which a repository may take away. */
  readonly store: Pick<Store, 'cached' | 'keep'>;
  readonly records: Records;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
}

export interface Look {
  /** The state that `source` serves. */
  readonly state: VerifiedState;
  /** True when it was on record before. */
  readonly known: boolean;
  /** Leaves that changed in the states that are not on record before. */
  readonly changes: number;
  /** What contradicts, in whatever state it was found. */
  readonly findings: readonly Finding[];
}

/** Throws what a client would throw for a state that is expired, not signed, or cannot be had. */
export async function lookAt(options: MonitorOptions): Promise<Look> {
  const { signal, source, others = [], timestamps = [] } = options;
  const ports = { source, signal };
  const chain = await followRecordedRoots(options);
  const state = await fetchState(ports, chain, options.clock());
  const first = await judge(options, chain, source, state);
  const findings = [...first.findings];
  let { changes } = first;
  const look = async (from: Source, seen: VerifiedState): Promise<void> => {
    const judged = await judge(options, chain, from, seen);
    findings.push(...judged.findings);
    changes += judged.changes;
  };
  for (const other of others)
    await look(other, await fetchState({ source: other, signal }, chain, NO_EXPIRY));
  for (const timestamp of timestamps)
    await look(source, await fetchState(ports, chainFor(chain, timestamp), NO_EXPIRY, timestamp));
  return { state, known: first.known, changes, findings };
}

async function followRecordedRoots({
  root,
  reading,
  records,
  source,
  signal,
}: MonitorOptions): Promise<RootChain> {
  const recorded = openChain(root, await records.roots(), reading);
  const chain = await followRoots({ source, signal }, recorded);
  for (const { root: next } of chain.slice(recorded.length))
    await records.addRoot(next.value.version, next.bytes);
  return chain;
}

/** The roots up to the newest one that the timestamp is signed under. */
function chainFor(chain: RootChain, timestamp: Uint8Array): RootChain {
  let refusal: unknown;
  for (let length = chain.length; length > 0; length--) {
    try {
      acceptTimestamp(chain[length - 1] as TrustedMetadata, timestamp, NO_EXPIRY);
      return chain.slice(0, length);
    } catch (error) {
      if (!isTufError(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

async function judge(
  options: MonitorOptions,
  chain: RootChain,
  source: Source,
  state: VerifiedState,
): Promise<Comparison & { readonly known: boolean }> {
  const { records, store, signal } = options;
  const ports: ComparePorts = { chain, source, store, signal };
  const open = async (version: number | undefined): Promise<VerifiedState | undefined> => {
    const files = version === undefined ? undefined : await records.state(version);
    return files && verifyState(chain, files, NO_EXPIRY);
  };
  const versions = await records.versions();
  if (versions.includes(state.version)) {
    const recorded = await open(state.version);
    if (recorded === undefined)
      throw fail('AUDIT_ROOTS', `records: state ${state.version} is gone, expected it`);
    return { ...(await compareStates(ports, recorded, state)), known: true };
  }
  const before = await open(versions.findLast(version => version < state.version));
  const after = await open(versions.find(version => version > state.version));
  const isFirst = before === undefined && after === undefined;
  const toState =
    before !== undefined || isFirst
      ? await compareStates(ports, before, state)
      : { changes: 0, findings: [] };
  const fromState = after && (await compareStates(ports, state, after));
  const findings = [...toState.findings, ...(fromState?.findings ?? [])];
  if (findings.length === 0) await records.addState(state.version, state.files);
  return { changes: toState.changes, findings, known: false };
}
