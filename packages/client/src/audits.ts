// Countersignatures of auditors (docs/pouf.md, section 8). Where root requires k of them:
//
//  1. An audit counts by the one key that root lists under its name, unexpired, of this repository. Auditors are counted by
//     public key.
//  2. No valid audit states another root than ours for a version of a map that is ours.
//  3. k audits are of maps that are ours or older. They may lag: the k newest of these are kept, and every leaf that is looked up
//     must come from them by the rules of succession.
//  4. Audits of newer maps than ours say nothing of ours: the state is read again, since it may have changed meanwhile.

import { isTufError } from '@cargo-tuf/errors';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { type Audit, type MapRoot, parseEnvelope, type Verified, verifyRole } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { fetchAccepted } from './fetch.ts';
import { mapOf } from './map-roots.ts';
import { assertNotExpired, assertRepository } from './role-checks.ts';
import type { AbortSignal, Source } from './source.ts';
import type { Documents } from './stored.ts';
import { breachOfLeaf } from './succession.ts';
import type { TrustedMetadata } from './trusted.ts';

const MAPS = ['crates', 'claims'] as const;

/** Where a repository, or a mirror, has the audit of a key. */
export function auditPath(keyId: string): string {
  return `audits/${keyId}.json`;
}

export interface AuditPorts {
  readonly source: Source;
  readonly documents: Documents;
  /** Bytes of one audit. */
  readonly limit: number;
  readonly time: number;
  readonly signal: AbortSignal | undefined;
}

/** The trusted state with the audits that root requires; without any request where it requires none. */
export async function fetchAudits(trusted: TrustedMetadata, ports: AuditPorts): Promise<TrustedMetadata> {
  const causes: unknown[] = [];
  const fetchOne = async (keyId: string): Promise<Verified<Audit> | undefined> => {
    const verify = (bytes: Uint8Array): Verified<Audit> => verifyAudit(trusted, keyId, bytes, ports.time);
    const stored = storedAudit(trusted, keyId, ports.documents, ports.time);
    try {
      const path = auditPath(keyId);
      const expected = 'root requires auditors';
      const fetched = await fetchAccepted(ports.source, path, ports.limit, expected, verify, ports.signal);
      return stored !== undefined && stored.value.version > fetched.value.version ? stored : fetched;
    } catch (error) {
      if (!isTufError(error)) throw error;
      causes.push(error);
      return stored;
    }
  };
  const audits = await Promise.all(requiredOf(trusted).map(fetchOne));
  return { ...trusted, audits: chooseAudits(trusted, audits, causes) };
}

/** The same from what a store holds, without regard to expiry. */
export function openStoredAudits(trusted: TrustedMetadata, documents: Documents): TrustedMetadata {
  const audits = requiredOf(trusted).map(keyId =>
    storedAudit(trusted, keyId, documents, Number.NEGATIVE_INFINITY),
  );
  return { ...trusted, audits: chooseAudits(trusted, audits, []) };
}

/** The documents that keep what was chosen. */
export function auditDocuments({ root, audits = [] }: TrustedMetadata): ReadonlyMap<string, Uint8Array> {
  const documents = new Map<string, Uint8Array>();
  for (const [keyId, { publicKey }] of root.value.auditors?.keys ?? []) {
    const audit = audits.find(({ signers }) => signers[0] === publicKey?.identity);
    if (audit !== undefined) documents.set(documentOf(keyId), audit.bytes);
  }
  return documents;
}

/**
 * Leaves that were looked up, by name, against every audited map that ours has moved on from. `lookUp` gives the leaves of the
 * same names in such a map.
 */
export async function assertAudited(
  trusted: TrustedMetadata,
  role: 'crates' | 'claims',
  leaves: ReadonlyMap<string, Leaf | undefined>,
  lookUp: (map: MapRoot) => Promise<ReadonlyMap<string, Leaf | undefined>>,
): Promise<void> {
  const ours = mapOf(trusted, role);
  for (const map of auditedMaps(trusted, role)) {
    const audited = await lookUp(map);
    for (const [name, after] of leaves)
      assertSuccession(role, map, ours, { before: audited.get(name), after });
  }
}

/** The audited maps that differ from ours, each once. */
export function auditedMaps(trusted: TrustedMetadata, role: 'crates' | 'claims'): readonly MapRoot[] {
  const ours = mapOf(trusted, role).root;
  const maps = new Map<string, MapRoot>();
  for (const audit of trusted.audits ?? []) maps.set(audit.value[role].root, audit.value[role]);
  maps.delete(ours);
  return [...maps.values()];
}

export function assertSuccession(
  role: 'crates' | 'claims',
  audited: MapRoot,
  ours: MapRoot,
  change: { readonly before: Leaf | undefined; readonly after: Leaf | undefined },
): void {
  if (change.before === undefined && change.after === undefined) return;
  const breach = breachOfLeaf(change, audited, ours);
  if (breach === undefined) return;
  throw fail('CLIENT_AUDIT', `${breach.name}: ${breach.message}, as auditors signed of ${role}`, {
    details: {
      role,
      rule: breach.rule,
      audited: audited.root,
      root: ours.root,
      before: change.before?.version ?? null,
      after: change.after?.version ?? null,
    },
  });
}

/** Key ids to ask for. */
function requiredOf({ root }: TrustedMetadata): readonly string[] {
  const { auditors } = root.value;
  return auditors === undefined || auditors.threshold === 0 ? [] : [...auditors.keys.keys()];
}

function documentOf(keyId: string): string {
  return `audit.${keyId}`;
}

function storedAudit(
  trusted: TrustedMetadata,
  keyId: string,
  documents: Documents,
  time: number,
): Verified<Audit> | undefined {
  const bytes = documents.get(documentOf(keyId));
  if (bytes === undefined) return undefined;
  try {
    return verifyAudit(trusted, keyId, bytes, time);
  } catch (error) {
    if (isTufError(error)) return undefined;
    throw error;
  }
}

/** Rule 1, of one audit. */
export function verifyAudit(
  { root, reading }: TrustedMetadata,
  keyId: string,
  bytes: Uint8Array,
  time: number,
): Verified<Audit> {
  const subject = `audit of ${keyId.slice(0, 16)}`;
  const keys = root.value.auditors?.keys ?? new Map();
  const role = { keyIds: [keyId], threshold: 1 };
  const envelope = parseEnvelope(bytes, reading.format, reading);
  const audit = verifyRole(envelope, 'audit', keys, role, subject, reading);
  assertRepository(root.value, audit.value, subject);
  assertNotExpired(audit.value, time, subject);
  return audit;
}

/** Rules 2 to 4. */
function chooseAudits(
  trusted: TrustedMetadata,
  audits: readonly (Verified<Audit> | undefined)[],
  causes: readonly unknown[],
): readonly Verified<Audit>[] {
  const threshold = trusted.root.value.auditors?.threshold ?? 0;
  const byKey = new Map<string, Verified<Audit>>();
  for (const audit of audits) {
    const [signer] = audit?.signers ?? [];
    if (audit === undefined || signer === undefined) continue;
    for (const role of MAPS) assertOneRoot(role, audit, mapOf(trusted, role));
    byKey.set(signer, audit);
  }
  const usable = [...byKey.values()].filter(({ value }) =>
    MAPS.every(role => value[role].version <= mapOf(trusted, role).version),
  );
  if (usable.length >= threshold) {
    const newest = usable.sort((a, b) => b.value.crates.version - a.value.crates.version);
    return newest.slice(0, threshold);
  }
  const [cause] = causes;
  throw fail(
    usable.length < byKey.size ? 'CLIENT_AUDIT_AHEAD' : 'CLIENT_AUDITORS',
    `auditors: ${usable.length} have followed this repository to its current state or near it, expected ${threshold}`,
    {
      details: { usable: usable.length, valid: byKey.size, expected: threshold },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function assertOneRoot(role: 'crates' | 'claims', { value, signers }: Verified<Audit>, ours: MapRoot): void {
  const audited = value[role];
  if (audited.version !== ours.version || audited.root === ours.root) return;
  throw fail(
    'CLIENT_EQUIVOCATION',
    `${role}: map version ${ours.version} has root ${ours.root}, but an auditor was shown ${audited.root}`,
    {
      details: {
        version: ours.version,
        root: ours.root,
        audited: audited.root,
        auditor: signers[0] ?? null,
      },
    },
  );
}
