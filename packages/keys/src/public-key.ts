// A public key that was checked once. Its `identity` is what thresholds count:
//
//   ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a

import { escapeText } from '@cargo-tuf/errors';
import type { CryptoBackend, RsaPadding, VerifySignature, NistCurve } from './backend.ts';
import { defaultBackend } from '#default-backend';
import { decodeEcdsaSignature } from './ecdsa-signature.ts';
import { checkEd25519Key, isStrictEd25519Signature } from './ed25519.ts';
import { fail } from './errors.ts';
import { encodeHex } from './hex.ts';
import { NIST_CURVES, normalisePoint } from './nist-curve.ts';
import { decodeRsaModulus } from './rsa-key.ts';
import type { LegacyScheme, Scheme } from './scheme.ts';

let mint: (
  scheme: Scheme | LegacyScheme,
  identity: string,
  bytes: Uint8Array,
  verify: VerifySignature,
) => PublicKey;

/** Immutable. Made by `importPublicKey` and `parseSpki` only. */
export class PublicKey {
  static {
    mint = (scheme, identity, bytes, verify) => new PublicKey(scheme, identity, bytes, verify);
  }

  readonly scheme: Scheme | LegacyScheme;
  /** `<scheme>:<hex of the canonical bytes>`, `rsa:<hex>` for RSA: one text a key, however it was spelled. */
  readonly identity: string;
  readonly #bytes: Uint8Array;
  readonly #verify: VerifySignature;

  private constructor(
    scheme: Scheme | LegacyScheme,
    identity: string,
    bytes: Uint8Array,
    verify: VerifySignature,
  ) {
    this.scheme = scheme;
    this.identity = identity;
    this.#bytes = bytes;
    this.#verify = verify;
    Object.freeze(this);
  }

  /** The canonical bytes, as a copy: 32 for Ed25519, the uncompressed point for ECDSA, RSAPublicKey (DER) for RSA. */
  get bytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** False for any signature that is not exactly one of this key and message; does not throw. */
  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return this.#verify(message, signature);
  }
}

/**
 * Ed25519: 32 bytes. P-256 and P-384: the point, compressed or not. RSA: RSAPublicKey in DER. Throws `KEY_LENGTH`,
 * `KEY_POINT`, `KEY_LOW_ORDER`, `KEY_RSA`, `KEY_UNSUPPORTED`. Both back ends accept the same keys and signatures; the
 * default is `node:crypto` where there is one. A legacy scheme is refused unless `allowed` names it.
 */
export function importPublicKey(
  scheme: Scheme | LegacyScheme,
  bytes: Uint8Array,
  backend: CryptoBackend = defaultBackend,
  allowed: readonly LegacyScheme[] = [],
): PublicKey {
  if (scheme === 'rsa-pkcs1v15-sha256' && !allowed.includes(scheme)) throw unsupported(scheme);
  const id = `${backend.name} ${scheme} ${encodeHex(bytes)}`;
  const known = KEPT.get(id);
  if (known !== undefined) return known;
  const key = importChecked(scheme, bytes, backend);
  const [oldest] = KEPT.keys();
  if (KEPT.size >= KEPT_KEYS && oldest !== undefined) KEPT.delete(oldest);
  KEPT.set(id, key);
  return key;
}

/** Keys that were checked: a repository states the same few keys in every root, and each role's are read at each sync. */
const KEPT: Map<string, PublicKey> = new Map();
const KEPT_KEYS = 256;

function importChecked(scheme: Scheme | LegacyScheme, bytes: Uint8Array, backend: CryptoBackend): PublicKey {
  switch (scheme) {
    case 'ed25519':
      return importEd25519(bytes, backend);
    case 'ecdsa-sha2-nistp256':
      return importEcdsa(scheme, 'p-256', bytes, backend);
    case 'ecdsa-sha2-nistp384':
      return importEcdsa(scheme, 'p-384', bytes, backend);
    case 'rsassa-pss-sha256':
      return importRsa(scheme, 'pss', bytes, backend);
    case 'rsa-pkcs1v15-sha256':
      return importRsa(scheme, 'pkcs1v15', bytes, backend);
    default:
      throw unsupported(scheme);
  }
}

function unsupported(scheme: string): Error {
  return fail('KEY_UNSUPPORTED', `public key: scheme ${escapeText(scheme)} is not allowed here`, {
    details: { scheme: escapeText(scheme) },
  });
}

function importEd25519(bytes: Uint8Array, backend: CryptoBackend): PublicKey {
  checkEd25519Key(bytes);
  // Not `slice`, which is a view of the same memory when `bytes` is a Buffer of Node.
  const key = new Uint8Array(bytes);
  const verify = backend.openEd25519(key);
  return mint('ed25519', `ed25519:${encodeHex(key)}`, key, (message, signature) => {
    return isStrictEd25519Signature(signature) && verify(message, signature);
  });
}

function importEcdsa(scheme: Scheme, curve: NistCurve, bytes: Uint8Array, backend: CryptoBackend): PublicKey {
  const point = normalisePoint(curve, bytes, backend);
  const verify = curve === 'p-256' ? backend.openP256(point) : backend.openP384(point);
  return mint(scheme, `${scheme}:${encodeHex(point)}`, point, (message, signature) => {
    const decoded = decodeEcdsaSignature(signature, NIST_CURVES[curve]);
    return decoded !== undefined && verify(message, decoded);
  });
}

/** Both paddings have one identity: a key that signs in two ways is one key. */
function importRsa(
  scheme: Scheme | LegacyScheme,
  padding: RsaPadding,
  bytes: Uint8Array,
  backend: CryptoBackend,
): PublicKey {
  const { length } = decodeRsaModulus(bytes);
  const key = new Uint8Array(bytes);
  const verify = backend.openRsa(key, padding);
  return mint(scheme, `rsa:${encodeHex(key)}`, key, (message, signature) => {
    return signature.length === length && verify(message, signature);
  });
}
