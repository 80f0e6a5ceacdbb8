// Test keys of schemes whose signatures are not the same in every run. Their signatures are recorded beside this file, by
// scheme and SHA-256 of what they sign; where there is none, the error has one that can be recorded.

import { readFileSync } from 'node:fs';
import {
  encodeHex,
  decodeHex,
  importSigner,
  type Scheme,
  type Signer,
  sha256,
  sha512,
} from '@cargo-tuf/keys';

type RecordedScheme = Exclude<Scheme, 'ed25519'>;
interface Recorded {
  /** PKCS #8 in DER, in base64. Whoever reads it has it. */
  readonly rsaTestKey: string;
  readonly signatures: Readonly<Record<string, string>>;
}

const RECORDED = JSON.parse(
  readFileSync(new URL('recorded-signatures.json', import.meta.url), 'utf8'),
) as Recorded;

export function recordedKey(scheme: RecordedScheme): Signer {
  const signer = importSigner(scheme, privateKey(scheme));
  return {
    publicKey: signer.publicKey,
    sign: async message => {
      const name = `${scheme} ${encodeHex(sha256(message))}`;
      const signature = RECORDED.signatures[name];
      if (signature !== undefined) return decodeHex(signature);
      const made = encodeHex(await signer.sign(message));
      throw new Error(`recorded-signatures.json: none for ${name}, such as ${made}`);
    },
  };
}

/** PKCS #8 in DER up to the private key (RFC 5208, RFC 5915), for a key without its public part. */
const EC_PKCS8 = {
  'ecdsa-sha2-nistp256': '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420',
  'ecdsa-sha2-nistp384': '304e020100301006072a8648ce3d020106052b81040022043730350201010430',
} as const;

function privateKey(scheme: RecordedScheme): Uint8Array {
  if (scheme === 'rsassa-pss-sha256') return new Uint8Array(Buffer.from(RECORDED.rsaTestKey, 'base64'));
  const seed = new TextEncoder().encode(`cargo-tuf test key: ${scheme}`);
  const secret = scheme === 'ecdsa-sha2-nistp256' ? sha256(seed) : sha512(seed).slice(0, 48);
  return new Uint8Array([...decodeHex(EC_PKCS8[scheme]), ...secret]);
}
