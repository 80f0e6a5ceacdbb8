// Ed25519 keys for tests, the same in every run: the private key named "timestamp" is
//
//   SHA-256("cargo-tuf test key: timestamp")
//
// Whoever reads this has them. They sign nothing but test vectors.

import { importSigner, type Signer, sha256 } from '@cargo-tuf/keys';
import { formatKey, type Key } from '@cargo-tuf/metadata';

/** PKCS #8 in DER up to the 32 bytes of an Ed25519 private key (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const made = new Map<string, Signer>();

export function testKey(name: string): Signer {
  const known = made.get(name);
  if (known !== undefined) return known;
  const seed = sha256(new TextEncoder().encode(`cargo-tuf test key: ${name}`));
  const signer = importSigner('ed25519', new Uint8Array([...PKCS8, ...seed]));
  made.set(name, signer);
  return signer;
}

export function keyOf({ publicKey }: Signer): Key {
  return { ...formatKey(publicKey), publicKey };
}

export function keyMap(signers: readonly Signer[]): Map<string, Key> {
  return new Map(signers.map(signer => [keyOf(signer).keyId, keyOf(signer)]));
}

export const keysOf = (...names: readonly string[]): readonly Signer[] => names.map(testKey);
