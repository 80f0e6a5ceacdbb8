// A certificate whose signatures by its own keys were verified. What it allows depends on the time: signing-key.ts.

import type { PublicKey } from '@cargo-tuf/keys';
import { formatArmor, parseArmor } from './armor.ts';
import { type BoundParts, type BoundUserId, verifyParts } from './bound-parts.ts';
import { decodeCertificate } from './certificate-packets.ts';
import { fail } from './errors.ts';
import { type Fingerprint, formatKeyId } from './fingerprint.ts';
import { DEFAULT_HASHES, type HashName } from './hash.ts';

let mint: (bytes: Uint8Array, parts: BoundParts) => Certificate;
let open: (certificate: Certificate) => BoundParts;

/** Immutable. Made by `parseCertificate` only. */
export class Certificate {
  static {
    mint = (bytes, parts) => new Certificate(bytes, parts);
    open = certificate => certificate.#parts;
  }

  /** Of the primary key. */
  readonly fingerprint: Fingerprint;
  /** `openpgp:<fingerprint>` */
  readonly keyId: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Those that the key has certified, at whatever time. Not escaped: for a terminal, `escapeText` first. */
  readonly userIds: readonly string[];
  /** Of all subkeys, usable or not. */
  readonly subkeys: readonly Fingerprint[];
  readonly isRevoked: boolean;
  readonly #bytes: Uint8Array;
  readonly #parts: BoundParts;

  private constructor(bytes: Uint8Array, parts: BoundParts) {
    this.fingerprint = parts.primary.fingerprint;
    this.keyId = formatKeyId(this.fingerprint);
    this.created = parts.primary.created;
    this.userIds = Object.freeze(certified(parts.userIds).map(({ text }) => text));
    this.subkeys = Object.freeze(parts.subkeys.map(({ key }) => key.fingerprint));
    this.isRevoked = parts.revocations.length > 0;
    this.#bytes = bytes;
    this.#parts = parts;
    Object.freeze(this);
  }

  /** All packets as they were read, as a copy. */
  get bytes(): Uint8Array {
    return this.#bytes.slice();
  }
}

export interface CertificateOptions {
  /** Hashes that signatures may use. Default: SHA-256 alone. */
  readonly hashes?: readonly HashName[];
}

/**
 * One certificate, from armor (text) or from packets (bytes). Throws `OPENPGP_…` for all that is not of the subset, and for
 * any signature that claims to be its owner's and does not verify. An expired or revoked one is read.
 */
export function parseCertificate(input: string | Uint8Array, options: CertificateOptions = {}): Certificate {
  // Not `slice`, which is a view of the same memory when the input is a Buffer of Node.
  const bytes = typeof input === 'string' ? parseArmor('PGP PUBLIC KEY BLOCK', input) : new Uint8Array(input);
  const parts = verifyParts(decodeCertificate(bytes), options.hashes ?? DEFAULT_HASHES);
  // A damaged key is another key, and all its signatures look like those of strangers.
  if (certified(parts.userIds).length > 0) return mint(bytes, parts);
  const { fingerprint } = parts.primary;
  throw fail('OPENPGP_USER_ID', `certificate ${fingerprint}: no user id that its key has certified`, {
    details: { fingerprint },
  });
}

function certified(userIds: readonly BoundUserId[]): readonly BoundUserId[] {
  return userIds.filter(({ certifications }) => certifications.length > 0);
}

/** Armor, as `gpg --armor --export` writes it. */
export function formatCertificate(certificate: Certificate): string {
  return formatArmor('PGP PUBLIC KEY BLOCK', certificate.bytes);
}

/** The public key of the primary key or of a subkey; undefined where there is none, or none that is Ed25519. */
export function publicKeyOf(certificate: Certificate, fingerprint: Fingerprint): PublicKey | undefined {
  const { primary, subkeys } = open(certificate);
  return [primary, ...subkeys.map(({ key }) => key)].find(key => key.fingerprint === fingerprint)?.publicKey;
}

/** For the other files of this package. */
export function partsOf(certificate: Certificate): BoundParts {
  return open(certificate);
}
