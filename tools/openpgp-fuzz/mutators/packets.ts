// Changes of rows of packets: order, headers, lengths, numbers, and the area of subpackets that no signature covers.

import { mpi, sub, uint } from '../../../packages/openpgp/test/craft.ts';
import type { Random } from '../random.ts';
import { splice } from './bytes.ts';

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

type Mutate = (packets: readonly Packet[], random: Random, others: readonly Packet[]) => Buffer;

export const PACKET_MUTATORS: Readonly<Record<string, Mutate>> = {
  duplicate: (packets, random) => {
    const packet = random.pick(packets);
    return write(packets.toSpliced(random.below(packets.length + 1), 0, packet));
  },
  reorder: (packets, random) => write(random.shuffle(packets)),
  drop: (packets, random) => write(packets.toSpliced(random.below(packets.length), 1)),
  mix: (packets, random, others) =>
    write(packets.toSpliced(random.below(packets.length + 1), random.below(2), random.pick(others))),
  append: (packets, random) => {
    const tag = random.pick([1, 2, 5, 8, 10, 11, 12, 13, 14, 17, 18, 21, 60, 63]);
    return write([...packets, { tag, body: random.bytes(random.below(20)) }]);
  },
  tag: (packets, random) => {
    const at = random.below(packets.length);
    return write(packets.with(at, { ...(packets[at] as Packet), tag: random.below(16) }));
  },
  header: (packets, random) => {
    const at = random.below(packets.length);
    return Buffer.concat(
      packets.map((packet, index) => (index === at ? writeOddly(packet, random) : writeOld(packet))),
    );
  },
  body: (packets, random) => {
    const at = random.below(packets.length);
    const { tag, body } = packets[at] as Packet;
    const changed = splice(
      body,
      random.below(body.length + 1),
      random.below(3),
      random.bytes(random.below(3)),
    );
    return write(packets.with(at, { tag, body: changed }));
  },
  unhashed: (packets, random) =>
    changeSignature(packets, random, parts => ({ ...parts, unhashed: areaOf(random) })),
  numbers: (packets, random) =>
    changeSignature(packets, random, parts => ({ ...parts, numbers: oddNumbers(parts.numbers, random) })),
};

/** The packets as gpg writes them; undefined for what is none. */
export function readPackets(bytes: Buffer): readonly Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const octets = (bytes[at] as number) & 1 ? 2 : 1;
    const length = bytes.readUIntBE(at + 1, octets);
    const start = at + 1 + octets;
    packets.push({ tag: ((bytes[at] as number) >> 2) & 15, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return packets;
}

function write(packets: readonly Packet[]): Buffer {
  return Buffer.concat(packets.map(writeOld));
}

function writeOld({ tag, body }: Packet): Buffer {
  if (tag > 15) return Buffer.concat([Buffer.of(0xc0 | tag), newLength(body.length), body]);
  const octets = body.length < 256 ? 1 : 2;
  return Buffer.concat([Buffer.of(0x80 | (tag << 2) | (octets - 1)), uint(body.length, octets), body]);
}

function writeOddly({ tag, body }: Packet, random: Random): Buffer {
  const { length } = body;
  const old = (type: number) => Buffer.of(0x80 | (tag << 2) | type);
  const fresh = Buffer.of(0xc0 | tag);
  return Buffer.concat([
    ...random.pick([
      [old(1), uint(length, 2)],
      [old(2), uint(length, 4)],
      [old(3)],
      [fresh, newLength(length)],
      [fresh, Buffer.of(0xff), uint(length, 4)],
      [fresh, Buffer.of(0xe0 | random.below(31))],
      [fresh, newLength(length + random.pick([-1, 1, 200]))],
      [Buffer.of(tag), Buffer.of(length & 255)],
    ]),
    body,
  ]);
}

function newLength(length: number): Buffer {
  if (length < 192) return Buffer.of(Math.max(0, length));
  return Buffer.of(((length - 192) >> 8) + 192, (length - 192) & 255);
}

interface SignatureParts {
  readonly signed: Buffer;
  readonly unhashed: Buffer;
  readonly prefix: Buffer;
  readonly numbers: Buffer;
}

function changeSignature(
  packets: readonly Packet[],
  random: Random,
  change: (parts: SignatureParts) => SignatureParts,
): Buffer {
  const places = packets.flatMap(({ tag }, index) => (tag === 2 ? [index] : []));
  const at = random.pick(places);
  const { tag, body } = packets[at] as Packet;
  const { signed, unhashed, prefix, numbers } = change(partsOf(body));
  const changed = Buffer.concat([signed, uint(unhashed.length, 2), unhashed, prefix, numbers]);
  return write(packets.with(at, { tag, body: changed }));
}

function partsOf(body: Buffer): SignatureParts {
  const hashedEnd = 6 + body.readUInt16BE(4);
  const end = hashedEnd + 2 + body.readUInt16BE(hashedEnd);
  return {
    signed: body.subarray(0, hashedEnd),
    unhashed: body.subarray(hashedEnd + 2, end),
    prefix: body.subarray(end, end + 2),
    numbers: body.subarray(end + 2),
  };
}

function areaOf(random: Random): Buffer {
  const types = [2, 3, 9, 16, 16, 20, 27, 32, 33, 100];
  return Buffer.concat(
    Array.from({ length: random.below(3) }, () => {
      const type = random.pick(types);
      return sub(type, random.bytes(type === 16 ? 8 : random.below(24)), random.once(6));
    }),
  );
}

function oddNumbers(numbers: Buffer, random: Random): Buffer {
  const bytes = (at: number) => Math.ceil(numbers.readUInt16BE(at) / 8);
  const r = numbers.subarray(2, 2 + bytes(0));
  const s = numbers.subarray(2 + r.length + 2);
  const long = (value: Buffer) => Buffer.concat([uint(value.length * 8 + 8, 2), Buffer.of(0), value]);
  // S + L: the same signature to a verifier that does not reduce its range.
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const little = BigInt(`0x${Buffer.from(s).reverse().toString('hex')}`);
  const plus = Buffer.from((little + order).toString(16).padStart(64, '0'), 'hex').reverse();
  return random.pick([
    Buffer.concat([long(r), mpi(s)]),
    Buffer.concat([mpi(r), long(s)]),
    Buffer.concat([uint(256, 2), r, uint(256, 2), s]),
    Buffer.concat([mpi(r), mpi(plus)]),
    Buffer.concat([mpi(s), mpi(r)]),
    Buffer.concat([mpi(r), mpi(s), Buffer.of(0)]),
    Buffer.concat([r, s]),
    Buffer.concat([uint(0, 2), mpi(s)]),
    Buffer.concat([mpi(r), uint(0, 2)]),
    mpi(r),
  ]);
}
