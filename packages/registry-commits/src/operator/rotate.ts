// Other keys, thresholds or another end of root.toml: the first commit of a rotation. The rest is settle-rotation.ts.

import { formatTomlRoot, type OpenPgpKey, type RoleKeys, type TomlRoleName } from '@cargo-tuf/metadata';
import { type Certificate, type Fingerprint, formatCertificate, formatKeyId } from '@cargo-tuf/openpgp';
import { fail } from '../errors.ts';
import { ROOT, TIMESTAMP } from '../files.ts';
import { openRoot, roleOf, type TrustedRoot } from '../trusted-root.ts';
import { openBase } from './base.ts';
import { buildCommit, changeTree } from './build-commit.ts';
import type { OperatorContext } from './context.ts';
import { Draft } from './draft.ts';
import { pending, readProposals } from './proposals.ts';
import type { Outcome } from './settle.ts';
import { settleRotation } from './settle-rotation.ts';
import { raiseTimestamp } from './timestamp.ts';

export interface RoleChange {
  /** A certificate of a key that is there already takes the place of the old one: with a later end, or revoked. */
  readonly add: readonly Certificate[];
  readonly remove: readonly Fingerprint[];
  /** Default: as before; 1 for a role that was not there. */
  readonly threshold?: number | undefined;
}

export interface RootChange {
  readonly roles: ReadonlyMap<TomlRoleName, RoleChange>;
  /** When the new root.toml expires, milliseconds since 1970. */
  readonly rootExpires: number;
}

/**
 * Makes the next root.toml, its commit and its tag. What the keys at hand cannot sign waits as a proposal. Throws
 * `REGISTRY_ROTATION_LINK` when no root key stays: then it takes two rotations.
 */
export async function rotateRoot(context: OperatorContext, change: RootChange): Promise<Outcome> {
  const base = await openBase(context);
  const proposals = await readProposals(context);
  if (proposals.rotation !== undefined) throw pending('rotation', proposals.rotation);
  const rootBytes = nextRoot(base.trusted, change);
  const next = openRoot(rootBytes, context);
  assertLink(roleOf(base.trusted, 'root'), roleOf(next, 'root'));
  const draft = new Draft(context.repository);
  const timestamp = raiseTimestamp(base.timestamp, context.expires);
  const files = new Map([
    [ROOT, rootBytes],
    [TIMESTAMP, timestamp],
  ]);
  const tree = await changeTree(draft, base.tree, files);
  const message = `Rotate keys: root.toml version ${next.root.version}\n`;
  const bytes = buildCommit(context, { tree, parents: [base.commit], message });
  return settleRotation(context, base, { draft, bytes, tagBytes: undefined, before: {} });
}

function nextRoot({ root }: TrustedRoot, { roles: changes, rootExpires }: RootChange): Uint8Array {
  const roles = new Map<TomlRoleName, RoleKeys>(root.roles);
  const keys = new Map<string, Pick<OpenPgpKey, 'keyId' | 'certificate'>>(root.keys);
  for (const [name, { add, remove, threshold }] of changes) {
    const before = roles.get(name);
    const removed = remove.map(formatKeyId);
    const absent = removed.find(keyId => before?.keyIds.includes(keyId) !== true);
    if (absent !== undefined) {
      throw fail('REGISTRY_ROLE_KEY', `role "${name}": has no key ${absent}`, {
        details: { role: name, keyId: absent, keyIds: before?.keyIds ?? [] },
      });
    }
    const kept = (before?.keyIds ?? []).filter(keyId => !removed.includes(keyId));
    roles.set(name, {
      ...before,
      keyIds: [...new Set([...kept, ...add.map(({ keyId }) => keyId)])],
      threshold: threshold ?? before?.threshold ?? 1,
    });
    for (const certificate of add)
      keys.set(certificate.keyId, { keyId: certificate.keyId, certificate: formatCertificate(certificate) });
  }
  const used = new Set([...roles.values()].flatMap(({ keyIds }) => keyIds));
  return formatTomlRoot({
    version: root.version + 1,
    expires: rootExpires,
    repository: root.repository,
    consistentSnapshot: root.consistentSnapshot,
    document: root.document,
    keys: new Map([...keys].filter(([keyId]) => used.has(keyId))),
    roles,
  });
}

function assertLink(before: RoleKeys, after: RoleKeys): void {
  if (before.keyIds.some(keyId => after.keyIds.includes(keyId))) return;
  throw fail('REGISTRY_ROTATION_LINK', 'root.toml: no key of the role "root" stays, expected one', {
    details: { before: before.keyIds, after: after.keyIds },
  });
}
