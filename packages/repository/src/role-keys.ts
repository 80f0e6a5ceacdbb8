import type { JsonObject } from '@cargo-tuf/canonical-json';
import type { PublicKey, Signer } from '@cargo-tuf/keys';
import { formatKey, type Key, type RoleKeys, type TopLevelRole } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import type { CrateDelegate, RolePolicy } from './policy.ts';

/** Signers at hand, by role. */
export type RoleSigners<Delegate extends string = CrateDelegate> = ReadonlyMap<
  TopLevelRole | Delegate,
  readonly Signer[]
>;
/** The public keys of every role. */
export type PublicKeys<Delegate extends string = CrateDelegate> = Readonly<
  Record<TopLevelRole | Delegate, readonly PublicKey[]>
>;

/**
 * An online key can sign at any time without a person, so it must be able to do nothing else; `online` names those roles. Throws
 * `REPOSITORY_KEY_REUSED`, and `REPOSITORY_POLICY` where a role has fewer keys than its threshold.
 */
export function assertSeparateKeys<Role extends string>(
  keys: Readonly<Record<Role, readonly PublicKey[]>>,
  policy: Readonly<Record<Role, RolePolicy>>,
  online: readonly Role[],
): void {
  const owner = new Map<string, Role>();
  const roles = Object.keys(keys) as Role[];
  for (const role of [...online, ...roles]) {
    for (const key of keys[role]) {
      const other = owner.get(key.identity);
      if (other !== undefined && other !== role) {
        throw fail('REPOSITORY_KEY_REUSED', `${role}: has a key of ${other}, expected keys of its own`);
      }
      if (online.includes(role)) owner.set(key.identity, role);
    }
  }
  for (const role of roles) {
    const count = new Set(keys[role].map(key => key.identity)).size;
    if (count < policy[role].threshold) {
      throw fail('REPOSITORY_POLICY', `${role}: threshold ${policy[role].threshold} of ${count} keys`);
    }
  }
}

export function keyMap(publicKeys: Iterable<PublicKey>): Map<string, Key> {
  const keys = new Map<string, Key>();
  for (const publicKey of publicKeys) {
    const { keyId, raw }: { keyId: string; raw: JsonObject } = formatKey(publicKey);
    keys.set(keyId, { keyId, publicKey, raw });
  }
  return keys;
}

export function roleKeysOf(publicKeys: readonly PublicKey[], threshold: number): RoleKeys {
  return { keyIds: [...keyMap(publicKeys).keys()], threshold };
}

/** The signers of a role that the trusted keys know; throws when they are fewer than the threshold. */
export function signersOf<Role extends string>(
  signers: ReadonlyMap<Role, readonly Signer[]>,
  role: Role,
  keys: ReadonlyMap<string, Key>,
  trusted: RoleKeys,
): readonly Signer[] {
  const usable = usableSigners(signers, role, keys, trusted);
  if (usable.length < trusted.threshold) {
    throw fail('REPOSITORY_KEYS', `${role}: ${usable.length} usable keys, expected ${trusted.threshold}`, {
      details: { role, usable: usable.length, threshold: trusted.threshold },
    });
  }
  return usable;
}

/** The signers of a role that the trusted keys know, each key once. */
export function usableSigners<Role extends string>(
  signers: ReadonlyMap<Role, readonly Signer[]>,
  role: Role,
  keys: ReadonlyMap<string, Key>,
  trusted: RoleKeys,
): readonly Signer[] {
  const known = identitiesOf(trusted, keys);
  const usable = new Map<string, Signer>();
  for (const signer of signers.get(role) ?? []) {
    const { identity } = signer.publicKey;
    if (known.has(identity) && !usable.has(identity)) usable.set(identity, signer);
  }
  return [...usable.values()];
}

/** True when other public keys may sign, or another number of them must. */
export function isOtherKeys(
  a: RoleKeys,
  b: RoleKeys,
  keysOfA: ReadonlyMap<string, Key>,
  keysOfB: ReadonlyMap<string, Key>,
): boolean {
  const before = identitiesOf(a, keysOfA);
  const after = identitiesOf(b, keysOfB);
  return (
    a.threshold !== b.threshold || before.size !== after.size || [...before].some(each => !after.has(each))
  );
}

function identitiesOf(role: RoleKeys, keys: ReadonlyMap<string, Key>): ReadonlySet<string> {
  return new Set(role.keyIds.flatMap(id => keys.get(id)?.publicKey?.identity ?? []));
}
