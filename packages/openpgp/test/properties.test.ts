import { formatArmor, parseArmor, parseCertificate, parseSignatures } from '@cargo-tuf/openpgp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../src/bytes.ts';
import { encodeMpi, readMpi } from '../src/mpi.ts';
import { decodePackets, encodePacket } from '../src/packets.ts';
import { decodeSubpackets, encodeSubpackets } from '../src/subpackets.ts';
import {
  bind,
  craftCertificate,
  craftKey,
  craftSignature,
  mpi,
  packet,
  PAYLOAD,
  sub,
  USER_ID,
} from './craft.ts';

const RUNS = { numRuns: 1000 };
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });

/** False for a value; true for an error of this package; throws any other. */
function isRefused(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (String((error as { code?: string }).code).startsWith('OPENPGP_')) return true;
    throw error;
  }
}

describe('writing and reading', () => {
  it('armor', () => {
    const type = fc.constantFrom('PGP SIGNATURE' as const, 'PGP PUBLIC KEY BLOCK' as const);
    fc.assert(
      fc.property(type, bytes(1, 300), (kind, content) => {
        const armor = formatArmor(kind, content);
        expect(parseArmor(kind, armor)).toEqual(content);
        expect(parseArmor(kind, armor.replace(/\n=.{4}\n-/, '\n-'))).toEqual(content);
      }),
      RUNS,
    );
  });

  it('packets, of lengths about one and two octets', () => {
    const length = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 65_530, max: 65_535 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), length), { maxLength: 5 }), list => {
        const encoded = Buffer.concat(
          list.map(([tag, size]) => encodePacket(tag, new Uint8Array(size).fill(7))),
        );
        const decoded = decodePackets(encoded, 5);
        expect(decoded.map(each => [each.tag, each.body.length])).toEqual(list);
        expect(Buffer.concat(decoded.map(each => each.bytes)).equals(encoded)).toBe(true);
      }),
    );
  });

  it('packets of the new format, of every length below 8,384', () => {
    for (let length = 0; length < 8384; length += 1) {
      const rest = length - 192;
      const header = length < 192 ? [0xc2, length] : [0xc2, (rest >> 8) + 192, rest & 255];
      const [read] = decodePackets(Buffer.concat([Buffer.from(header), Buffer.alloc(length)]), 1);
      expect(read?.body.length).toBe(length);
    }
  });

  it('subpackets', () => {
    const subpacket = fc.record({
      type: fc.integer({ min: 0, max: 127 }),
      isCritical: fc.boolean(),
      body: fc.oneof(bytes(0, 20), bytes(185, 260)),
    });
    fc.assert(
      fc.property(fc.array(subpacket, { maxLength: 8 }), list => {
        const encoded = encodeSubpackets(list);
        expect(decodeSubpackets(encoded)).toEqual(list);
        expect(Buffer.from(encoded)).toEqual(
          Buffer.concat(list.map(each => sub(each.type, Buffer.from(each.body), each.isCritical))),
        );
      }),
      RUNS,
    );
  });

  it('numbers, and every second spelling is refused', () => {
    const number = bytes(1, 32).filter(octets => octets.some(octet => octet !== 0));
    fc.assert(
      fc.property(number, fc.integer({ min: 0, max: 300 }), (octets, bits) => {
        const encoded = Buffer.from(encodeMpi(octets));
        expect(encoded).toEqual(mpi(Buffer.from(octets)));
        const read = readMpi(new ByteReader(encoded, 'number'), octets.length, 'number');
        expect(read).toEqual(octets);
        fc.pre(bits !== encoded.readUInt16BE());
        encoded.writeUInt16BE(bits);
        const again = () => {
          const reader = new ByteReader(encoded, 'number');
          readMpi(reader, 32, 'number');
          reader.end();
        };
        expect(isRefused(again)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('anything at all', () => {
  it('bytes are a certificate, or refused by a code', () => {
    fc.assert(
      fc.property(bytes(0, 400), input => isRefused(() => parseCertificate(input))),
      RUNS,
    );
  });

  it('text is armor, or refused by a code', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '-----BEGIN PGP SIGNATURE-----',
        '-----END PGP SIGNATURE-----',
        '',
        '=AAAA',
        'Comment: x',
      ),
      fc.base64String({ maxLength: 80 }),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), lines => {
        isRefused(() => parseSignatures(lines.join('\n')));
      }),
      RUNS,
    );
  });

  it('packets with other octets in them are refused by a code', () => {
    const owner = craftKey(1);
    const certificate = craftCertificate(owner, bind(owner, craftKey(2)));
    const golden = parseCertificate(certificate);
    const signature = packet(2, craftSignature(owner, [PAYLOAD]));
    const edit = fc.tuple(fc.nat(), fc.nat({ max: 3 }), bytes(0, 4));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), edits => {
        const change = (whole: Buffer) =>
          edits.reduce((rest, [at, removed, added]) => {
            const place = at % rest.length;
            return Buffer.concat([rest.subarray(0, place), added, rest.subarray(place + removed)]);
          }, whole);
        const changed = change(certificate);
        if (!isRefused(() => parseCertificate(changed)))
          expect(parseCertificate(changed)).toMatchObject({
            fingerprint: golden.fingerprint,
            userIds: [USER_ID],
          });
        isRefused(() => parseSignatures(formatArmor('PGP SIGNATURE', change(signature))));
      }),
      RUNS,
    );
  });
});
