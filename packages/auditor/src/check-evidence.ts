// Whether a file of evidence convinces, from a root that the reader trusts already:
//
//  1. The reader's root is one of the evidence's roots, byte for byte; the roots after it follow from it.
//  2. Every state is signed, from its timestamp down, under one of these roots; expiry does not count.
//  3. Every proof leads to the root of its map.
//  4. What is signed and proved breaks a rule.

import { breachOfLeaf, isSameLeaf, type Reading, shapeOf } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { decodeHex, encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import { type Leaf, verifyProof } from '@cargo-tuf/merkle-snapshot';
import { type Contradiction, contradictionsBetween, contradictionsWithin } from './contradictions.ts';
import { fail } from './errors.ts';
import { type Evidence, type LeafEvidence, parseEvidence } from './evidence.ts';
import { hiddenChanges, sourceOfChanges } from './hidden-changes.ts';
import { NO_EXPIRY, openChain, type VerifiedState, verifyState } from './signed-state.ts';

export interface Verdict {
  /** The repository id, 64 hex digits. */
  readonly repository: string;
  /** SHA-256 of the root from which it was checked, 64 hex digits. */
  readonly fingerprint: string;
  /** At least one. */
  readonly proved: readonly Contradiction[];
  /** The states that prove it, the older one first. */
  readonly states: readonly {
    readonly timestamp: number;
    /** Version of the root whose keys signed it. */
    readonly root: number;
    readonly crates: number;
    readonly claims: number;
  }[];
}

/**
 * `anchor`: the bytes of a root.json that is trusted. `reading`: how its files are read; by default as the evidence says, within
 * the default limits. Throws `AUDIT_EVIDENCE`, whatever is wrong.
 */
export async function checkEvidence(
  bytes: Uint8Array,
  anchor: Uint8Array,
  reading?: Reading,
): Promise<Verdict> {
  return refusing(async () => check(parseEvidence(bytes), anchor, reading));
}

/** The roots that evidence holds, the one that its maker trusted first. Nothing is verified. Throws `AUDIT_EVIDENCE`. */
export async function parseEvidenceRoots(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
  return refusing(async () => parseEvidence(bytes).roots);
}

/** Whatever is wrong with evidence, it does not convince. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isTufError(cause) || isTufError(cause, 'AUDIT_EVIDENCE')) throw cause;
    throw fail('AUDIT_EVIDENCE', `evidence: ${cause.message}`, { cause, details: { reason: cause.code } });
  }
}

async function check(evidence: Evidence, anchor: Uint8Array, given: Reading | undefined): Promise<Verdict> {
  const { metadata, roots } = evidence;
  const reading = given ?? { format: metadata };
  if (reading.format !== metadata)
    throw fail('AUDIT_EVIDENCE', `evidence: metadata is ${metadata}, expected ${reading.format}`);
  const start = roots.findIndex(root => equalBytes(root, anchor));
  const fingerprint = encodeHex(sha256(anchor));
  if (start < 0)
    throw fail('AUDIT_EVIDENCE', `evidence: does not start from the trusted root ${fingerprint}`);
  const chain = openChain(anchor, roots.slice(start + 1), reading);
  const states = evidence.states.map(files => verifyState(chain, files, NO_EXPIRY));
  const [before, after = before] = states;
  if (before === undefined || after === undefined || before.version > after.version)
    throw fail('AUDIT_EVIDENCE', 'evidence: its states are not in order');
  const proved = [
    ...states.flatMap(contradictionsWithin),
    ...(states.length > 1 ? contradictionsBetween(before, after) : []),
    ...(evidence.leaf === undefined ? [] : contradictionsOfLeaf(states, evidence.leaf)),
    ...(await hiddenOf(states, evidence)),
  ];
  if (proved.length === 0) throw fail('AUDIT_EVIDENCE', 'evidence: nothing in it breaks a rule');
  return {
    repository: after.repository,
    fingerprint,
    proved,
    states: states.map(({ version, files, crates, claims }) => ({
      timestamp: version,
      root: files.root,
      crates: crates.version,
      claims: claims.version,
    })),
  };
}

/** Proofs of one name. Two states of one timestamp version have no order, so their leaves show nothing. */
function contradictionsOfLeaf(
  states: readonly VerifiedState[],
  { map, name, proofs }: LeafEvidence,
): readonly Contradiction[] {
  const leaves = provedLeaves(states, { map, name, proofs });
  const [first, last = first] = states;
  if (first === undefined || last === undefined) return [];
  if (states.length > 1 && first.version === last.version) return [];
  const [before, after] = states.length > 1 ? leaves : [leaves[0], leaves[0]];
  if (before === undefined && after === undefined) return [];
  const from = states.length > 1 ? first[map] : { version: 0 };
  const breach = breachOfLeaf({ before, after }, from, last[map]);
  return breach === undefined ? [] : [{ ...breach, map }];
}

/** A name that changed, and is not among those that the later state signs to have changed. */
async function hiddenOf(
  [before, after]: readonly VerifiedState[],
  { changes = [], leaf }: Evidence,
): Promise<readonly Contradiction[]> {
  if (changes.length === 0 || before === undefined || after === undefined) return [];
  if (before.version >= after.version || leaf?.map === 'claims') return [];
  const [was, is] = leaf === undefined ? [] : provedLeaves([before, after], leaf);
  const isChanged = leaf !== undefined && !isSameLeaf(was, is);
  const store = { cached: async () => null, keep: async () => undefined };
  const ports = { source: sourceOfChanges(changes), store, signal: undefined };
  return (await hiddenChanges(ports, before, after, isChanged ? [leaf.name] : [])).found;
}

function provedLeaves(
  states: readonly VerifiedState[],
  { map, name, proofs }: LeafEvidence,
): readonly (Leaf | undefined)[] {
  return states.map((state, index) => {
    const proof = proofs[index];
    if (proof === undefined) throw fail('AUDIT_EVIDENCE', 'evidence: has fewer proofs than states');
    return verifyProof(shapeOf(map, state.repository), decodeHex(state[map].root, 32), name, proof);
  });
}
