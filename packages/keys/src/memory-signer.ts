// Signers whose private key is in the memory of this process: for tests, tools and files that were just decrypted.

import { fail } from './errors.ts';
import { type NodeCrypto, type NodeKey, nodeCrypto, PSS } from './node-crypto.ts';
import { importPublicKey, type PublicKey } from './public-key.ts';
import type { Scheme } from './scheme.ts';
import type { Signer } from './signer.ts';
import { decodeInfo } from './spki-der.ts';

export interface KeyPair {
  readonly signer: Signer;
  /** PKCS #8 in DER, not encrypted. */
  readonly privateKeyPkcs8: Uint8Array;
}

/**
 * A fresh key pair from the system's random numbers; RSA keys have 3,072 bits. Throws `KEY_NO_CRYPTO` where there is no
 * `node:crypto`.
 */
export function generateKeyPair(scheme: Scheme): KeyPair {
  const crypto = openCrypto();
  const privateKey = generatePrivateKey(crypto, scheme);
  const privateKeyPkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
  return { signer: createSigner(crypto, scheme, privateKey), privateKeyPkcs8 };
}

/** A signer of a private key in PKCS #8 (DER). Throws `KEY_UNSUPPORTED` when it is not of `scheme`. */
export function importSigner(scheme: Scheme, privateKeyPkcs8: Uint8Array): Signer {
  const crypto = openCrypto();
  let key: NodeKey;
  try {
    key = crypto.createPrivateKey({ key: privateKeyPkcs8, format: 'der', type: 'pkcs8' });
  } catch {
    // The cause is left out: an error of a parser of private keys must not carry their bytes along.
    throw fail('KEY_UNSUPPORTED', 'private key: bytes are no private key in PKCS #8 that is spoken');
  }
  return createSigner(crypto, scheme, key);
}

const RSA_BITS = 3_072;

function generatePrivateKey(crypto: NodeCrypto, scheme: Scheme): NodeKey {
  switch (scheme) {
    case 'ed25519':
      return crypto.generateKeyPairSync('ed25519').privateKey;
    case 'ecdsa-sha2-nistp256':
      return crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'ecdsa-sha2-nistp384':
      return crypto.generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    case 'rsassa-pss-sha256':
      return crypto.generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey;
  }
}

function createSigner(crypto: NodeCrypto, scheme: Scheme, privateKey: NodeKey): Signer {
  return {
    publicKey: publicKeyOf(crypto, scheme, privateKey),
    sign: async message => new Uint8Array(sign(crypto, scheme, privateKey, message)),
  };
}

function sign(crypto: NodeCrypto, scheme: Scheme, key: NodeKey, message: Uint8Array): Uint8Array {
  switch (scheme) {
    case 'ed25519':
      return crypto.sign(null, message, key);
    case 'ecdsa-sha2-nistp256':
      return crypto.sign('sha256', message, { key, dsaEncoding: 'der' });
    case 'ecdsa-sha2-nistp384':
      return crypto.sign('sha384', message, { key, dsaEncoding: 'der' });
    case 'rsassa-pss-sha256':
      return crypto.sign('sha256', message, { key, ...PSS });
  }
}

function publicKeyOf(crypto: NodeCrypto, scheme: Scheme, privateKey: NodeKey): PublicKey {
  const info = decodeInfo(
    new Uint8Array(crypto.createPublicKey(privateKey).export({ format: 'der', type: 'spki' })),
  );
  if (info === undefined || info.scheme !== scheme) {
    throw fail('KEY_UNSUPPORTED', `private key: not of scheme ${scheme}`, { details: { scheme } });
  }
  return importPublicKey(scheme, info.bytes);
}

function openCrypto(): NodeCrypto {
  if (nodeCrypto === undefined)
    throw fail('KEY_NO_CRYPTO', 'private key: no node:crypto in this environment');
  return nodeCrypto;
}
