import type { CryptoBackend, IncrementalHash } from './backend.ts';
import { concatBytes } from './bytes.ts';
import { type NodeCrypto, nodeCrypto, PSS, RSA_PKCS1_PADDING } from './node-crypto.ts';
import type { Scheme } from './scheme.ts';
import { encodeInfo } from './spki-der.ts';

/** OpenSSL through `node:crypto`; undefined where there is none. */
export const nodeBackend: CryptoBackend | undefined =
  nodeCrypto === undefined ? undefined : createBackend(nodeCrypto);

function createBackend(crypto: NodeCrypto): CryptoBackend {
  const openKey = (scheme: Scheme, bytes: Uint8Array) =>
    crypto.createPublicKey({ key: encodeInfo(scheme, bytes), format: 'der', type: 'spki' });
  return {
    name: 'node',
    sha256: parts => hash(crypto, 'sha256', parts),
    sha256Into: (bytes, out, offset) => hashInto(crypto, 'sha256', bytes, out, offset),
    sha512: parts => hash(crypto, 'sha512', parts),
    createSha256: () => incremental(crypto, 'sha256'),
    createSha512: () => incremental(crypto, 'sha512'),
    openEd25519: bytes => {
      const key = openKey('ed25519', bytes);
      return (message, signature) => crypto.verify(null, message, key, signature);
    },
    uncompress: (curve, point) =>
      new Uint8Array(crypto.ECDH.convertKey(point, OPENSSL[curve], undefined, undefined, 'uncompressed')),
    openP256: point => {
      const key = { key: openKey('ecdsa-sha2-nistp256', point), dsaEncoding: 'ieee-p1363' } as const;
      return (message, signature) => crypto.verify('sha256', message, key, signature);
    },
    openP384: point => {
      const key = { key: openKey('ecdsa-sha2-nistp384', point), dsaEncoding: 'ieee-p1363' } as const;
      return (message, signature) => crypto.verify('sha384', message, key, signature);
    },
    openRsa: (bytes, padding) => {
      const use = padding === 'pss' ? PSS : { padding: RSA_PKCS1_PADDING };
      const key = { key: openKey('rsassa-pss-sha256', bytes), ...use };
      return (message, signature) => crypto.verify('sha256', message, key, signature);
    },
  };
}

/** What OpenSSL calls the curves. */
const OPENSSL = { 'p-256': 'prime256v1', 'p-384': 'secp384r1' } as const;

function incremental(crypto: NodeCrypto, algorithm: 'sha256' | 'sha512'): IncrementalHash {
  const state = crypto.createHash(algorithm);
  return {
    update: bytes => void state.update(bytes),
    digest: () => new Uint8Array(state.digest()),
  };
}

/** Parts that are longer together are hashed one after the other, instead of being copied into one. */
const COPY_LIMIT = 4096;

function hash(crypto: NodeCrypto, algorithm: 'sha256' | 'sha512', parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return hashOne(crypto, algorithm, first);
  if (parts.reduce((sum, part) => sum + part.length, 0) <= COPY_LIMIT) {
    return hashOne(crypto, algorithm, concatBytes(parts));
  }
  const state = crypto.createHash(algorithm);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

function hashOne(crypto: NodeCrypto, algorithm: 'sha256' | 'sha512', bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(algorithm === 'sha256' ? 32 : 64);
  hashInto(crypto, algorithm, bytes, out, 0);
  return out;
}

/** Asks for Latin-1 text, a character a byte: making a Buffer takes twice as long as hashing a tree node does. */
function hashInto(
  crypto: NodeCrypto,
  algorithm: 'sha256' | 'sha512',
  bytes: Uint8Array,
  out: Uint8Array,
  offset: number,
): void {
  const text = crypto.hash(algorithm, bytes, 'latin1');
  for (let index = 0; index < text.length; index += 1) out[offset + index] = text.charCodeAt(index);
}
