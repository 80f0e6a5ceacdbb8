// Roles that are signed in several places. A draft fixes what is signed: version, expiry, and all that the role says. Whoever
// holds a key adds a signature to its envelope; a publisher then makes the same change with these signatures in the place of
// signers, so that nothing of the draft is believed: other bytes than those that were signed cannot come of it.

import {
  encodeCanonical,
  encodeJson,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from '@cargo-tuf/canonical-json';
import { encodeHex, equalBytes, type PublicKey, sha256, type Signer } from '@cargo-tuf/keys';
import {
  addSignature,
  formatKey,
  formatRoot,
  formatTargets,
  parseEnvelope,
  parseRoot,
  parseTargets,
  type Role,
  type RoleKeys,
  roleUrlPath,
  type RootFields,
  type TargetsFields,
} from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import type { PublishedBytes } from './published-bytes.ts';
import type { ReleaseDelegate } from './release-roles.ts';
import { type FixedVersion, staleDraft } from './writer.ts';

/** A role whose keys are offline. */
export type DraftedRole = 'root' | 'targets' | Exclude<ReleaseDelegate, 'nightly'>;

export interface DraftRole {
  readonly role: DraftedRole;
  /** The envelope, with the signatures so far. */
  readonly bytes: Uint8Array;
  /** Each of these has to be reached: of a root that changes its keys, those of before and of after. */
  readonly quorums: readonly RoleKeys[];
}

export interface Draft {
  readonly roles: readonly DraftRole[];
  /** The keys that quorums name, by key id. */
  readonly keys: ReadonlyMap<string, PublicKey>;
}

/** What a draft says of a role, for whoever is asked to sign it. Nothing of it is verified. */
export function draftedRole({ role, bytes }: DraftRole): Role {
  const { signed } = parseEnvelope(bytes);
  return role === 'root' ? parseRoot(signed) : parseTargets(signed, role);
}

/** Who has signed a role: key ids of its quorums with a signature that verifies. */
export function draftSigners(draft: Draft, role: DraftRole): readonly string[] {
  return signaturesOf(draft, role).map(({ keyId }) => keyId);
}

/** The draft with the signature of one key more, on each role that lists it. Throws `REPOSITORY_KEYS` where none does. */
export async function signDraft(draft: Draft, signer: Signer): Promise<Draft> {
  const { identity } = signer.publicKey;
  const ids = [...draft.keys].flatMap(([keyId, key]) => (key.identity === identity ? [keyId] : []));
  const isAsked = ({ quorums }: DraftRole): boolean =>
    quorums.some(({ keyIds }) => keyIds.some(id => ids.includes(id)));
  if (!draft.roles.some(isAsked)) {
    const { keyId } = formatKey(signer.publicKey);
    throw fail('REPOSITORY_KEYS', `draft: key ${keyId} is of none of its roles`, { details: { keyId } });
  }
  const roles: DraftRole[] = [];
  for (const role of draft.roles)
    roles.push(
      isAsked(role)
        ? { ...role, bytes: await addSignature(role.bytes, signer, { keyIdOf: () => ids[0] as string }) }
        : role,
    );
  return { ...draft, roles };
}

/** One draft with the signatures of several copies of it. Throws `REPOSITORY_DRAFT` where one says something else. */
export function mergeDrafts(first: Draft, others: readonly Draft[]): Draft {
  const roles = first.roles.map((role, index) => {
    const copies = [role, ...others.map(({ roles: each }) => each[index])];
    const envelopes = copies.map(copy => parseEnvelope(copy?.bytes ?? new Uint8Array(0)));
    const [{ payload, signed }] = envelopes as [(typeof envelopes)[number]];
    if (envelopes.some(each => !equalBytes(each.payload, payload)))
      throw staleDraft(role.role, 'the copies do not say the same');
    const good = copies.flatMap(copy => (copy === undefined ? [] : signaturesOf(first, copy)));
    const signatures = new Map(good.map(({ keyId, signature }) => [keyId, encodeHex(signature)]));
    const list = Array.from(signatures, ([keyid, sig]) => new Map(Object.entries({ keyid, sig })));
    return { ...role, bytes: envelopeOf(signed, list) };
  });
  return { ...first, roles };
}

/** What a draft's signatures cover, as one hash: the same for each copy, whoever has signed it. 64 hex digits. */
export function draftHash({ roles }: Draft): string {
  const hashes = roles.map(({ bytes }) => encodeHex(sha256(parseEnvelope(bytes).payload)));
  return encodeHex(sha256(encodeCanonical(hashes)));
}

/** A role without a signature, under the first version after `last` whose file is free. */
export async function draftRole(
  bytes: PublishedBytes,
  role: DraftedRole,
  fields: RootFields | TargetsFields,
  quorums: readonly RoleKeys[],
): Promise<DraftRole> {
  let { version } = fields;
  while ((await bytes.get(`metadata/${roleUrlPath(role, version)}`)) !== null) version += 1;
  if (role === 'root' && version !== fields.version)
    throw staleDraft(role, `root ${fields.version} is published`);
  const signed =
    role === 'root'
      ? formatRoot(fields as RootFields)
      : formatTargets({ ...(fields as TargetsFields), version });
  return { role, bytes: envelopeOf(signed, []), quorums };
}

/** Signers who have signed, and what they have signed. */
export function readDraft(draft: Draft): {
  readonly signers: ReadonlyMap<DraftedRole, readonly Signer[]>;
  readonly fixed: ReadonlyMap<DraftedRole, FixedVersion>;
} {
  const signers = new Map<DraftedRole, readonly Signer[]>();
  const fixed = new Map<DraftedRole, FixedVersion>();
  for (const role of draft.roles) {
    const { payload } = parseEnvelope(role.bytes);
    const { version, expires } = draftedRole(role);
    fixed.set(role.role, { version, expires });
    signers.set(
      role.role,
      signaturesOf(draft, role).map(({ publicKey, signature }) => ({
        publicKey,
        sign: async message => {
          if (equalBytes(message, payload)) return signature;
          throw staleDraft(role.role, 'was made of another state, or of another change');
        },
      })),
    );
  }
  return { signers, fixed };
}

interface DraftSignature {
  readonly keyId: string;
  readonly publicKey: PublicKey;
  readonly signature: Uint8Array;
}

function signaturesOf({ keys }: Draft, { bytes }: DraftRole): readonly DraftSignature[] {
  const { payload, signatures } = parseEnvelope(bytes);
  return signatures.flatMap(({ keyId, signature }) => {
    const publicKey = keys.get(keyId);
    return publicKey?.verify(payload, signature) ? [{ keyId, publicKey, signature }] : [];
  });
}

function envelopeOf(signed: JsonObject, signatures: JsonArray): Uint8Array {
  const envelope = new Map<string, JsonValue>([
    ['signatures', signatures],
    ['signed', signed],
  ]);
  return encodeJson(envelope, { sorted: true });
}
