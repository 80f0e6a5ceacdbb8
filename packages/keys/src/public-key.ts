// A public key that was checked once. Its `identity` is what thresholds count:
//
//   ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a

import type { CryptoBackend, VerifySignature } from './backend.ts';
import { defaultBackend } from './default-backend.ts';
import { decodeEcdsaSignature } from './ecdsa-signature.ts';
import { checkEd25519Key, isStrictEd25519Signature } from './ed25519.ts';
import { encodeHex } from './hex.ts';
import { normaliseP256Point } from './p256.ts';
import type { Scheme } from './scheme.ts';

let mint: (scheme: Scheme, bytes: Uint8Array, verify: VerifySignature) => PublicKey;

/** Immutable. Made by `importPublicKey` and `parseSpki` only. */
export class PublicKey {
  static {
    mint = (scheme, bytes, verify) => new PublicKey(scheme, bytes, verify);
  }

  readonly scheme: Scheme;
  /** `<scheme>:<hex of the canonical bytes>`: one text a key, however it was spelled. */
  readonly identity: string;
  readonly #bytes: Uint8Array;
  readonly #verify: VerifySignature;

  private constructor(scheme: Scheme, bytes: Uint8Array, verify: VerifySignature) {
    this.scheme = scheme;
    this.identity = `${scheme}:${encodeHex(bytes)}`;
    this.#bytes = bytes;
    this.#verify = verify;
    Object.freeze(this);
  }

  /** The canonical bytes, as a copy: 32 for Ed25519, 65 (the uncompressed point) for P-256. */
  get bytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** False for any signature that is not exactly one of this key and message; does not throw. */
  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return this.#verify(message, signature);
  }
}

/**
 * Ed25519: 32 bytes. P-256: the point, 65 bytes or 33. Throws `KEY_LENGTH`, `KEY_POINT`, `KEY_LOW_ORDER`.
 * Both back ends accept the same keys and signatures; the default is `node:crypto` where there is one.
 */
export function importPublicKey(
  scheme: Scheme,
  bytes: Uint8Array,
  backend: CryptoBackend = defaultBackend,
): PublicKey {
  if (scheme === 'ed25519') {
    checkEd25519Key(bytes);
    const key = bytes.slice();
    const verify = backend.openEd25519(key);
    return mint(
      scheme,
      key,
      (message, signature) => isStrictEd25519Signature(signature) && verify(message, signature),
    );
  }
  const point = normaliseP256Point(bytes);
  const verify = backend.openP256(point);
  return mint(scheme, point, (message, signature) => {
    const decoded = decodeEcdsaSignature(signature);
    return decoded !== undefined && verify(message, decoded);
  });
}
