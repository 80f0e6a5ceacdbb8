// An encrypted private key: PKCS#8 EncryptedPrivateKeyInfo (RFC 5958) with PBES2 (RFC 8018), scrypt (RFC 7914)
// and AES-256-CBC. `openssl pkey -in key.pem` reads it, and so does Node. Node's own export would derive the key
// with 2,048 rounds of PBKDF2, which a guesser gets through a million times faster than it should.
//
//   30 … SEQUENCE
//     30 … PBES2 ( scrypt(salt, N, r, p), aes256-CBC(iv) )
//     04 … the PKCS#8 bytes, encrypted

import { createCipheriv, randomBytes, scrypt } from 'node:crypto';

// OWASP's parameters for 16 MiB; OpenSSL refuses to read a key that needs more than 32 MiB.
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;
const SALT_BYTES = 16;

/** The DER bytes of EncryptedPrivateKeyInfo. */
export async function encryptPrivateKey(pkcs8: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', await derive(passphrase, salt), iv);
  const encrypted = concat(cipher.update(pkcs8), cipher.final());
  const kdf = sequence(OID_SCRYPT, sequence(octets(salt), integer(COST.N), integer(COST.r), integer(COST.p)));
  const scheme = sequence(OID_AES_256_CBC, octets(iv));
  return sequence(sequence(OID_PBES2, sequence(kdf, scheme)), octets(encrypted));
}

function derive(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, COST, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

// 1.2.840.113549.1.5.13, 1.3.6.1.4.1.11591.4.11, 2.16.840.1.101.3.4.1.42
const OID_PBES2 = Uint8Array.of(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d);
const OID_SCRYPT = Uint8Array.of(0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b);
const OID_AES_256_CBC = Uint8Array.of(0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a);

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, concat(...parts));
}

function octets(bytes: Uint8Array): Uint8Array {
  return tagged(0x04, bytes);
}

/** A positive integer below 2^16 whose top bit, in its shortest form, is clear. */
function integer(value: number): Uint8Array {
  return tagged(0x02, value < 0x80 ? Uint8Array.of(value) : Uint8Array.of(value >> 8, value & 0xff));
}

function tagged(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return concat(Uint8Array.from(header), content);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
