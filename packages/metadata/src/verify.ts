// The one place where metadata becomes trusted, specification section 4.2 and the signature checks of section 5:
//
//   1. Signatures of keys that the delegating role lists, over the payload, are counted by public key: one key under
//      two ids counts once. Unknown ids, unknown schemes and wrong signatures do not count and do no harm.
//   2. Fewer than the threshold: refused.
//   3. Only then is the type of the role compared and its content read, from the tree that the payload was made of.
//
// Order, rollback and expiry are the client's.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import { parseAudit } from './audit.ts';
import { checkParsed, type Envelope } from './envelope.ts';
import { fail } from './errors.ts';
import type { ReadOptions } from './reading.ts';
import type { Key, Role, RoleByType, RoleKeys, SignedType } from './roles.ts';
import { parseRoot } from './root.ts';
import { parseSnapshot } from './snapshot.ts';
import { parseTargets } from './targets.ts';
import { parseTimestamp } from './timestamp.ts';

let mint: <T extends Role>(value: T, bytes: Uint8Array, signers: readonly string[]) => Verified<T>;

/** A role that enough keys signed. Made by `verifyRole` only; a changed copy of the value is no `Verified`. */
export class Verified<T extends Role> {
  static {
    mint = (value, bytes, signers) => new Verified(value, bytes, signers);
  }

  readonly #value: T;
  readonly #bytes: Uint8Array;
  readonly #signers: readonly string[];

  private constructor(value: T, bytes: Uint8Array, signers: readonly string[]) {
    this.#value = value;
    this.#bytes = bytes;
    this.#signers = signers;
  }

  get value(): T {
    return this.#value;
  }

  /** The file as it came. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The identities of the keys that signed. */
  get signers(): readonly string[] {
    return this.#signers;
  }
}

/**
 * Verifies a role against the keys of the one who delegates to it. `subject` names the file in messages, such as
 * "snapshot" or "claims"; `options` are those of the trust anchor. Throws `METADATA_THRESHOLD`, `METADATA_TYPE`, and `METADATA_*` for a wrong shape.
 */
export function verifyRole<T extends SignedType>(
  envelope: Envelope,
  type: T,
  keys: ReadonlyMap<string, Key>,
  role: RoleKeys,
  subject: string,
  options: ReadOptions = {},
): Verified<RoleByType[T]> {
  checkParsed(envelope);
  const signers = signersOf(envelope, keys, role);
  // Written so that a threshold which is no number refuses as well.
  if (!(role.threshold >= 1 && signers.length >= role.threshold)) {
    throw fail(
      'METADATA_THRESHOLD',
      `${subject}: signed by ${signers.length} of its keys, expected ${role.threshold}`,
      {
        details: { role: subject, got: signers.length, threshold: role.threshold, signers },
      },
    );
  }
  return mint(PARSERS[type](envelope.signed, subject, options), envelope.bytes, signers);
}

type Parser<T extends SignedType> = (
  signed: JsonObject,
  subject: string,
  options: ReadOptions,
) => RoleByType[T];

const PARSERS: { readonly [T in SignedType]: Parser<T> } = {
  root: parseRoot,
  timestamp: parseTimestamp,
  snapshot: parseSnapshot,
  targets: parseTargets,
  audit: parseAudit,
};

function signersOf(envelope: Envelope, keys: ReadonlyMap<string, Key>, role: RoleKeys): readonly string[] {
  const identities = new Set<string>();
  for (const { keyId, signature } of envelope.signatures) {
    const publicKey = role.keyIds.includes(keyId) ? keys.get(keyId)?.publicKey : undefined;
    if (publicKey === undefined || identities.has(publicKey.identity)) continue;
    if (publicKey.verify(envelope.payload, signature)) identities.add(publicKey.identity);
  }
  return [...identities];
}
