import { fail } from './errors.ts';
import type { PublicKey } from './public-key.ts';

/** A private key, wherever it is kept: in memory, in a file, in hardware, at a service. */
export interface Signer {
  /** The key that verifies what `sign` makes. */
  readonly publicKey: PublicKey;
  /** The signature of the message itself, not of its hash. Ed25519: 64 bytes. ECDSA: DER. RSA: as long as the modulus. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * Signs, and verifies before anything else sees the signature. A signer that holds another key, or that fails while it
 * computes, can publish a broken file or leak its key: `KEY_SIGNER_WRONG`.
 */
export async function signVerified(signer: Signer, message: Uint8Array): Promise<Uint8Array> {
  const signature = await signer.sign(message);
  if (!signer.publicKey.verify(message, signature)) {
    throw fail('KEY_SIGNER_WRONG', 'signer: signature does not verify with its public key', {
      details: { key: signer.publicKey.identity },
    });
  }
  return signature;
}
