// Signers whose private key is in the memory of this process: for tests, tools and files that were just decrypted.

import { concatBytes, equalBytes } from './bytes.ts';
import { fail } from './errors.ts';
import { type NodeCrypto, type NodeKey, nodeCrypto } from './node-crypto.ts';
import { importPublicKey, type PublicKey } from './public-key.ts';
import type { Scheme } from './scheme.ts';
import type { Signer } from './signer.ts';
import { ED25519_SPKI_PREFIX, P256_SPKI_PREFIX } from './spki-prefixes.ts';

export interface KeyPair {
  readonly signer: Signer;
  /** PKCS #8 in DER, not encrypted. */
  readonly privateKeyPkcs8: Uint8Array;
}

/** A fresh key pair from the system's random numbers. Throws `KEY_NO_CRYPTO` where there is no `node:crypto`. */
export function generateKeyPair(scheme: Scheme): KeyPair {
  const crypto = openCrypto();
  const { privateKey } =
    scheme === 'ed25519'
      ? crypto.generateKeyPairSync('ed25519')
      : crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
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

function createSigner(crypto: NodeCrypto, scheme: Scheme, privateKey: NodeKey): Signer {
  return {
    publicKey: publicKeyOf(crypto, scheme, privateKey),
    sign: async message => {
      const signature =
        scheme === 'ed25519'
          ? crypto.sign(null, message, privateKey)
          : crypto.sign('sha256', message, { key: privateKey, dsaEncoding: 'der' });
      return new Uint8Array(signature);
    },
  };
}

function publicKeyOf(crypto: NodeCrypto, scheme: Scheme, privateKey: NodeKey): PublicKey {
  const spki = crypto.createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const [prefix, length] =
    scheme === 'ed25519' ? ([ED25519_SPKI_PREFIX, 32] as const) : ([P256_SPKI_PREFIX, 65] as const);
  const bytes = new Uint8Array(spki.subarray(prefix.length));
  if (bytes.length !== length || !equalBytes(spki, concatBytes([prefix, bytes]))) {
    throw fail('KEY_UNSUPPORTED', `private key: not of scheme ${scheme}`, { details: { scheme } });
  }
  return importPublicKey(scheme, bytes);
}

function openCrypto(): NodeCrypto {
  if (nodeCrypto === undefined)
    throw fail('KEY_NO_CRYPTO', 'private key: no node:crypto in this environment');
  return nodeCrypto;
}
