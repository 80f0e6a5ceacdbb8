// Signatures of the commit and of the tag of a rotation: the thresholds of both roots, and one key of the commit in both.

import { keysOf } from '../signatures.ts';
import { roleOf, type TrustedRoot } from '../trusted-root.ts';
import type { OperatorContext } from './context.ts';
import { signersOf, signObject } from './sign-object.ts';
import { chooseKeys, matchSigners, type Missing, missingOf, type Need } from './signing-keys.ts';

export interface RotationPlan {
  readonly needs: readonly Need[];
  readonly keyring: TrustedRoot['keyring'];
  readonly preferred: readonly string[];
}

export function planRotation(old: TrustedRoot, next: TrustedRoot): RotationPlan {
  const needs = [
    { name: 'root, before', role: roleOf(old, 'root') },
    { name: 'root, after', role: roleOf(next, 'root') },
  ];
  const all = new Map([...old.keyring, ...next.keyring]);
  const roles = [...needs.map(({ role }) => role), roleOf(old, 'timestamp'), roleOf(next, 'timestamp')];
  const keyring = new Map(keysOf(all, ...roles).map(each => [each.keyId, each]));
  return { needs, keyring, preferred: roleOf(next, 'timestamp').keyIds };
}

export interface SignedPart {
  readonly bytes: Uint8Array;
  readonly signers: readonly string[];
  readonly missing: readonly Missing[];
  readonly isNew: boolean;
}

export async function signPart(
  context: OperatorContext,
  { needs, keyring, preferred }: RotationPlan,
  type: 'commit' | 'tag',
  bytes: Uint8Array,
): Promise<SignedPart> {
  const before = signersOf(context, type, bytes, [...keyring.values()]);
  const options = { isLinked: type === 'commit', preferred };
  const keys = chooseKeys(needs, matchSigners(context.signers, keyring), before, options);
  const signers = [...before, ...keys.map(({ certificate }) => certificate.keyId)];
  const isLinked =
    type === 'tag' || signers.some(keyId => needs.every(({ role }) => role.keyIds.includes(keyId)));
  const missing = missingOf(type, needs, signers);
  const link = needs[1] as Need;
  const all = isLinked || missing.length > 0 ? missing : [missingLink(type, link, needs)];
  return {
    bytes: await signObject(context, type, bytes, keys),
    signers,
    missing: all,
    isNew: keys.length > 0,
  };
}

/** Enough signatures, and none by a key of both roots. */
function missingLink(subject: string, { role }: Need, needs: readonly Need[]): Missing {
  const keyIds = role.keyIds.filter(keyId => needs.every(need => need.role.keyIds.includes(keyId)));
  return { subject, role: 'root, before and after', have: 0, need: 1, keyIds };
}
