// Every bit and every truncation of golden files. All of them are refused: the unhashed octets too, since the issuer's id
// has to agree with the hashed fingerprint, and a back-signature has to verify.

import { formatArmor, parseCertificate, verifyDetached } from '@cargo-tuf/openpgp';
import { describe, expect, it } from 'vitest';
import {
  afterKey,
  bind,
  craftCertificate,
  craftDetached,
  craftKey,
  craftSignature,
  packet,
  PAYLOAD,
  revoke,
  T0,
} from './craft.ts';

const owner = craftKey(1);
const subkey = craftKey(2);
const TIME = (T0 + 2000) * 1000;
const golden = craftCertificate(owner, bind(owner, subkey));
const certificate = parseCertificate(golden);
const CODE = /^OPENPGP_/;

/** The code of what it throws; 'accepted' when it does not. */
function outcomeOf(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !CODE.test(code)) throw error;
    return code;
  }
}

function flips(bytes: Buffer): readonly { bit: number; bytes: Buffer }[] {
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    return { bit, bytes: flipped };
  });
}

const truncations = (bytes: Buffer) =>
  Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length));

const verify = (armor: string, payload: Uint8Array = PAYLOAD) =>
  verifyDetached(payload, armor, [certificate], { time: TIME });

describe('a flipped bit', () => {
  it.each([
    ['a certificate with a subkey', golden],
    ['a revoked certificate', afterKey(owner, revoke(owner, 2))],
  ])('of %s is refused', (_, bytes) => {
    const survivors = flips(bytes).filter(
      ({ bytes: flipped }) => outcomeOf(() => parseCertificate(flipped)) === 'accepted',
    );
    expect(survivors.map(({ bit }) => bit)).toEqual([]);
  });

  it.each([
    ['the primary key', owner],
    ['a subkey', subkey],
  ])('of a signature by %s is refused', (_, key) => {
    const survivors = flips(packet(2, craftSignature(key, [PAYLOAD]))).filter(
      ({ bytes }) => outcomeOf(() => verify(formatArmor('PGP SIGNATURE', bytes))) === 'accepted',
    );
    expect(survivors.map(({ bit }) => bit)).toEqual([]);
  });

  it('of the payload is refused', () => {
    const armor = craftDetached(owner);
    expect(verify(armor)).toHaveLength(1);
    for (const { bytes } of flips(PAYLOAD))
      expect(outcomeOf(() => verify(armor, bytes))).not.toBe('accepted');
  });

  it('of the armor of a signature is refused', () => {
    for (const { bytes } of flips(Buffer.from(craftDetached(owner))))
      expect(outcomeOf(() => verify(bytes.toString('latin1')))).not.toBe('accepted');
  });
});

describe('a truncation', () => {
  it('of a certificate is refused, or has lost whole packets at its end', () => {
    const ends = [
      craftCertificate(owner).length,
      craftCertificate(owner).length + packet(14, subkey.body).length,
    ];
    const accepted = truncations(golden).filter(
      bytes => outcomeOf(() => parseCertificate(bytes)) === 'accepted',
    );
    expect(accepted.map(bytes => bytes.length)).toEqual(ends);
  });

  it('of a signature is refused', () => {
    for (const bytes of truncations(packet(2, craftSignature(owner, [PAYLOAD]))))
      expect(outcomeOf(() => verify(formatArmor('PGP SIGNATURE', bytes)))).not.toBe('accepted');
  });

  it('of the armor of a signature is refused, but for its last line end', () => {
    const armor = Buffer.from(craftDetached(owner));
    const accepted = truncations(armor).filter(
      bytes => outcomeOf(() => verify(bytes.toString('latin1'))) === 'accepted',
    );
    expect(accepted.map(bytes => bytes.length)).toEqual([armor.length - 1]);
  });
});
