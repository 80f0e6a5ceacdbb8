// At each limit accepted, one above it refused.

import {
  type ArmorType,
  formatArmor,
  OPENPGP_LIMITS,
  parseArmor,
  parseCertificate,
  parseSignatures,
} from '@cargo-tuf/openpgp';
import { describe, expect, it } from 'vitest';
import {
  armor,
  bind,
  certify,
  craftCertificate,
  craftKey,
  craftSignature,
  notation,
  packet,
  PAYLOAD,
  sub,
} from './craft.ts';

const LIMITED = expect.objectContaining({ code: 'OPENPGP_LIMIT' });
const owner = craftKey(1);
const stranger = craftKey(9);
const userId = (text: string) => Buffer.concat([packet(13, Buffer.from(text)), certify(owner, text)]);
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

/** Armor of so many characters: lines of base64 without a checksum, and a header that fills it up. */
function armorOf(type: ArmorType, length: number): string {
  const [begin, end] = [`-----BEGIN ${type}-----\n`, `-----END ${type}-----\n`];
  const rest = length - begin.length - end.length - 1;
  const lines = Math.floor((rest - 'Comment: \n'.length) / 77);
  const header = `${'Comment: '.padEnd(rest - lines * 77 - 1, 'x')}\n`;
  return `${begin}${header}\n${`${'A'.repeat(76)}\n`.repeat(lines)}${end}`;
}

describe('limits', () => {
  it.each([
    ['PGP SIGNATURE', OPENPGP_LIMITS.signatureArmor],
    ['PGP PUBLIC KEY BLOCK', OPENPGP_LIMITS.certificateArmor],
  ] as const)('characters of armor: %s, %i', (type, limit) => {
    expect(armorOf(type, limit)).toHaveLength(limit);
    expect(parseArmor(type, armorOf(type, limit)).length).toBeGreaterThan(limit / 2);
    expect(() => parseArmor(type, armorOf(type, limit + 1))).toThrow(LIMITED);
  });

  it('headers of armor', () => {
    const of = (count: number, length: number) =>
      formatArmor('PGP SIGNATURE', Buffer.alloc(9)).replace(
        '\n\n',
        `\n${`${'Comment: '.padEnd(length, 'x')}\n`.repeat(count)}\n`,
      );
    const { armorHeaders, armorHeaderLength } = OPENPGP_LIMITS;
    expect(parseArmor('PGP SIGNATURE', of(armorHeaders, armorHeaderLength))).toHaveLength(9);
    expect(() => parseArmor('PGP SIGNATURE', of(armorHeaders + 1, 20))).toThrow(LIMITED);
    expect(() => parseArmor('PGP SIGNATURE', of(1, armorHeaderLength + 1))).toThrow('header');
  });

  it('signatures in one armor', () => {
    const one = packet(2, craftSignature(owner, [PAYLOAD]));
    const of = (count: number) =>
      parseSignatures(armor('PGP SIGNATURE', Buffer.concat(times(count, () => one))));
    expect(of(OPENPGP_LIMITS.signatures)).toHaveLength(16);
    expect(() => of(OPENPGP_LIMITS.signatures + 1)).toThrow(LIMITED);
  });

  it('packets of a certificate: a flood of certifications', () => {
    const flood = certify(owner, 'Index <index@example.com>', {}, stranger);
    const of = (count: number) => parseCertificate(craftCertificate(owner, ...times(count, () => flood)));
    expect(of(OPENPGP_LIMITS.certificatePackets - 3).userIds).toHaveLength(1);
    expect(() => of(OPENPGP_LIMITS.certificatePackets - 2)).toThrow(LIMITED);
  });

  it('bytes of a certificate', () => {
    const { certificateArmor } = OPENPGP_LIMITS;
    expect(() => parseCertificate(new Uint8Array(certificateArmor))).toThrow(
      expect.objectContaining({ code: 'OPENPGP_PACKET' }),
    );
    expect(() => parseCertificate(new Uint8Array(certificateArmor + 1))).toThrow(LIMITED);
  });

  it('user ids, and their length', () => {
    const bare = (count: number) =>
      parseCertificate(
        craftCertificate(owner, ...times(count - 1, each => packet(13, Buffer.from(`${each}`)))),
      );
    expect(bare(OPENPGP_LIMITS.userIds).userIds).toHaveLength(1);
    expect(() => bare(OPENPGP_LIMITS.userIds + 1)).toThrow(LIMITED);
    const long = (length: number) => parseCertificate(craftCertificate(owner, userId('x'.repeat(length))));
    expect(long(OPENPGP_LIMITS.userIdBytes).userIds).toHaveLength(2);
    expect(() => long(OPENPGP_LIMITS.userIdBytes + 1)).toThrow(LIMITED);
  });

  it('subkeys', () => {
    const of = (count: number) =>
      parseCertificate(craftCertificate(owner, ...times(count, each => bind(owner, craftKey(100 + each)))));
    expect(of(OPENPGP_LIMITS.subkeys).subkeys).toHaveLength(16);
    expect(() => of(OPENPGP_LIMITS.subkeys + 1)).toThrow(LIMITED);
  });

  const filled = (length: number) => notation(length - (length > 192 ? 3 : 2));
  const parse = (hashed: readonly Buffer[], unhashed: readonly Buffer[] = []) =>
    parseSignatures(
      armor(
        'PGP SIGNATURE',
        packet(
          2,
          craftSignature(owner, [PAYLOAD], {
            hashed: list => [...list, ...hashed],
            unhashed: list => [...list, ...unhashed],
          }),
        ),
      ),
    );

  it('bytes of hashed subpackets', () => {
    const rest = OPENPGP_LIMITS.hashedBytes - 29;
    expect(parse([filled(rest)])).toHaveLength(1);
    expect(() => parse([filled(rest + 1)])).toThrow(LIMITED);
  });

  it('bytes of unhashed subpackets', () => {
    const rest = OPENPGP_LIMITS.unhashedBytes - 10;
    // An embedded signature has no place here, and it is read before that is seen.
    expect(() => parse([], [sub(32, Buffer.alloc(rest - 3))])).toThrow('embedded');
    expect(() => parse([], [sub(32, Buffer.alloc(rest - 2))])).toThrow(LIMITED);
  });

  it('subpackets of one area', () => {
    expect(parse(times(OPENPGP_LIMITS.subpackets - 2, () => notation(9)))).toHaveLength(1);
    expect(() => parse(times(OPENPGP_LIMITS.subpackets - 1, () => notation(9)))).toThrow(LIMITED);
  });

  it('bytes of a signature', () => {
    const of = (length: number) => {
      const body = craftSignature(owner, [PAYLOAD]);
      return parseSignatures(
        armor('PGP SIGNATURE', packet(2, Buffer.concat([body, Buffer.alloc(length - body.length)]))),
      );
    };
    expect(() => of(OPENPGP_LIMITS.signaturePacket)).toThrow(
      expect.objectContaining({ code: 'OPENPGP_TRAILING' }),
    );
    expect(() => of(OPENPGP_LIMITS.signaturePacket + 1)).toThrow(LIMITED);
  });
});
