// How the cases of signatures are written down.

import {
  armor,
  craftCertificate,
  craftDetached,
  craftKey,
  type Craft,
  craftSignature,
  packet,
  PAYLOAD,
  T0,
} from './craft.ts';

export interface SignatureCase {
  readonly description: string;
  readonly payload: string;
  readonly signature: string;
  readonly certificates: readonly string[];
  readonly time: number;
  readonly threshold?: number;
  readonly hashes?: readonly string[];
  readonly expect: string;
  /** Who signed, in order. */
  readonly signers?: readonly string[];
}

export const owner = craftKey(1);
export const subkey = craftKey(2);
export const second = craftKey(3);
export const stranger = craftKey(9);
export const publicKey = (bytes: Buffer) => armor('PGP PUBLIC KEY BLOCK', bytes);
export const plain = publicKey(craftCertificate(owner));
export const NOW = T0 + 2000;
export const id = (key: { fingerprint: Buffer }) => key.fingerprint.toString('hex').toUpperCase();

type More = Partial<Omit<SignatureCase, 'description' | 'expect'>>;

export function of(description: string, expect: string, signature: string, more: More = {}): SignatureCase {
  const payload = PAYLOAD.toString('hex');
  return { description, payload, signature, certificates: [plain], time: NOW, ...more, expect };
}

export const crafted = (description: string, expect: string, craft: Craft, more: More = {}) =>
  of(description, expect, craftDetached(owner, craft), more);

/** Signatures by a certificate that is not the plain one. */
export const by = (
  description: string,
  expect: string,
  bytes: Buffer,
  more: More = {},
  key = owner,
  craft: Craft = {},
) => of(description, expect, craftDetached(key, craft), { certificates: [publicKey(bytes)], ...more });

export const several = (...keys: readonly (typeof owner)[]) =>
  armor('PGP SIGNATURE', Buffer.concat(keys.map(key => packet(2, craftSignature(key, [PAYLOAD])))));

export const wrap = (bytes: Buffer) => armor('PGP SIGNATURE', bytes);
export const both = [plain, publicKey(craftCertificate(second))];
