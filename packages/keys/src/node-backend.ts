import type { CryptoBackend } from './backend.ts';
import { concatBytes } from './bytes.ts';
import { type NodeCrypto, nodeCrypto } from './node-crypto.ts';
import { ED25519_SPKI_PREFIX, P256_SPKI_PREFIX } from './spki-prefixes.ts';

/** OpenSSL through `node:crypto`; undefined where there is none. */
export const nodeBackend: CryptoBackend | undefined =
  nodeCrypto === undefined ? undefined : createBackend(nodeCrypto);

function createBackend(crypto: NodeCrypto): CryptoBackend {
  const openKey = (prefix: Uint8Array, bytes: Uint8Array) =>
    crypto.createPublicKey({ key: concatBytes([prefix, bytes]), format: 'der', type: 'spki' });
  return {
    name: 'node',
    sha256: parts => hash(crypto, 'sha256', parts),
    sha512: parts => hash(crypto, 'sha512', parts),
    createSha256: () => {
      const state = crypto.createHash('sha256');
      return {
        update: bytes => void state.update(bytes),
        digest: () => new Uint8Array(state.digest()),
      };
    },
    openEd25519: bytes => {
      const key = openKey(ED25519_SPKI_PREFIX, bytes);
      return (message, signature) => crypto.verify(null, message, key, signature);
    },
    openP256: point => {
      const key = { key: openKey(P256_SPKI_PREFIX, point), dsaEncoding: 'ieee-p1363' } as const;
      return (message, signature) => crypto.verify('sha256', message, key, signature);
    },
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

/** Asks for Latin-1 text, a character a byte: making a Buffer takes twice as long as hashing a tree node does. */
function hashOne(crypto: NodeCrypto, algorithm: 'sha256' | 'sha512', bytes: Uint8Array): Uint8Array {
  const text = crypto.hash(algorithm, bytes, 'latin1');
  const out = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) out[index] = text.charCodeAt(index);
  return out;
}
