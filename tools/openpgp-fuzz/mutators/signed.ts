// Certificates and signatures that are odd and well signed: what a verifier must judge by its rules, since no arithmetic
// refuses it.

import {
  type Craft,
  type CraftedKey,
  craftKey,
  craftSignature,
  bodyOf,
  flags,
  hashedKey,
  lifetime,
  notation,
  packet,
  sub,
  T0,
  uint,
} from '../../../packages/openpgp/test/craft.ts';
import type { Random } from '../random.ts';

const DAY = 86_400;
/** Before T0 nothing exists; all but the last are over whenever this runs. */
const MOMENTS = [T0 - DAY, T0, T0, T0, T0 + 1, T0 + DAY, T0 + 2 * DAY, T0 + 40 * DAY, 4_200_000_000];
const LIFETIMES = [0, 1, DAY, 30 * DAY, 2_000_000_000, 4_294_967_295];

const keys = new Map<string, CraftedKey>();

export function keyOf(number: number, created = T0): CraftedKey {
  const name = `${number} ${created}`;
  const found = keys.get(name) ?? craftKey(number, created);
  keys.set(name, found);
  return found;
}

export interface Owner {
  readonly key: CraftedKey;
  readonly subkeys: readonly CraftedKey[];
  readonly certificate: Buffer;
}

/** A certificate with up to three user ids and subkeys. `oddity`: one in so many of its choices is odd. */
export function makeOwner(number: number, random: Random, oddity: number): Owner {
  const odd = new Odd(random, oddity);
  const key = keyOf(number, odd.pick(T0, MOMENTS));
  const subkeys = Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, (_, at) =>
    keyOf(10 * number + at, odd.pick(T0, MOMENTS)),
  );
  const packets = [
    packet(6, key.body),
    ...odd.rarely(() => revocation(0x20, key, [], odd)),
    ...odd.rarely(() => certification(odd.pick(0x1f, [0x1f, 0x20, 0x30]), key, [], odd)),
    ...Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, (_, at) => userId(key, at, odd)).flat(),
    ...subkeys.flatMap(subkey => boundSubkey(key, subkey, odd)),
    ...odd.rarely(() => otherSubkey(key, odd)),
  ];
  return { key, subkeys, certificate: Buffer.concat(packets) };
}

/** Detached, a packet; by the key or one of its subkeys. */
export function makeSignature(
  { key, subkeys }: Owner,
  payload: Buffer,
  random: Random,
  oddity: number,
): Buffer {
  const odd = new Odd(random, oddity);
  const by = random.pick([key, ...subkeys]);
  return packet(
    2,
    craftSignature(by, [payload], {
      ...oddCraft(odd),
      type: odd.pick(0, [0, 1, 2, 0x13, 0x40]),
      created: odd.pick(T0 + 50 * DAY, [...MOMENTS, T0 + 60 * DAY]),
      hashed: list => odd.area([...list, ...odd.rarely(() => anySubpacket(odd))]),
    }),
  );
}

/** Chooses what is usual, or once in a while what is not. */
class Odd {
  readonly random: Random;
  readonly #times: number;

  constructor(random: Random, times: number) {
    this.random = random;
    this.#times = times;
  }

  pick<T>(usual: T, others: readonly T[]): T {
    return this.random.once(this.#times) ? this.random.pick(others) : usual;
  }

  rarely<T>(make: () => T): T[] {
    return this.random.once(this.#times) ? [make()] : [];
  }

  /** Subpackets, once in a while in another order, one twice or one missing. */
  area(list: readonly Buffer[]): Buffer[] {
    const { random } = this;
    return this.pick(
      () => [...list],
      [
        () => random.shuffle(list),
        () => [...list, random.pick(list)],
        () => list.toSpliced(random.below(list.length), 1),
      ],
    )();
  }
}

function oddCraft(odd: Odd): Craft {
  const { random } = odd;
  return {
    version: odd.pick(4, [4, 4, 3, 5, 6]),
    algorithm: odd.pick(22, [22, 1, 17, 19, 27]),
    hash: odd.pick(8, [8, 1, 2, 3, 9, 10]),
    unhashed: list => odd.pick(list, [[], [...list, sub(100, Buffer.of(1))], [...list, ...list]]),
    prefix: octets => odd.pick(octets, [octets, Buffer.alloc(2), random.bytes(2)]),
  };
}

function certification(
  type: number,
  key: CraftedKey,
  parts: readonly Buffer[],
  odd: Odd,
  created = T0,
): Buffer {
  const { random } = odd;
  const mayDo = odd.pick(flags(3), [
    flags(1),
    flags(2),
    flags(0),
    flags(0x2f),
    sub(27, Buffer.alloc(0)),
    sub(27, Buffer.of(3, 4)),
    sub(27, Buffer.of(3), true),
    Buffer.alloc(0),
  ]);
  return packet(
    2,
    craftSignature(key, [hashedKey(key.body), ...parts], {
      ...oddCraft(odd),
      type,
      created: odd.pick(created, MOMENTS),
      hashed: list =>
        odd.area([
          ...list,
          mayDo,
          ...odd.rarely(() => lifetime(random.pick(LIFETIMES))),
          ...odd.rarely(() => anySubpacket(odd)),
        ]),
    }),
  );
}

const TEXTS = [
  'Index <index@example.com>',
  'größe <g@example.com>',
  'a',
  'x\ny',
  'x\u001b[31m',
  '',
  'x\u0000y',
];

function userId(key: CraftedKey, at: number, odd: Odd): Buffer[] {
  const { random } = odd;
  const body = odd.pick(Buffer.from(`User ${at} <${at}@example.com>`), [
    ...TEXTS.map(text => Buffer.from(text)),
    Buffer.from('ff41', 'hex'),
    Buffer.alloc(1024, 'a'),
    Buffer.alloc(1025, 'a'),
  ]);
  const part = Buffer.concat([Buffer.of(0xb4), uint(body.length, 4), body]);
  const type = () => odd.pick(0x13, [0x10, 0x11, 0x12, 0x13, 0x16, 0x1f, 0]);
  return [
    packet(13, body),
    certification(type(), key, [part], odd),
    ...odd.rarely(() => certification(type(), key, [part], odd, T0 + 10 * DAY)),
    ...odd.rarely(() => revocation(0x30, key, [part], odd)),
    ...odd.rarely(() => strangers(key, part, random)),
  ];
}

function strangers(key: CraftedKey, part: Buffer, random: Random): Buffer {
  const body = craftSignature(keyOf(99), [hashedKey(key.body), part], { type: 0x10, created: T0 });
  const cut = body.subarray(0, body.length - 1 - random.below(60));
  const numbers = Buffer.concat([body.subarray(0, body.length - 68), random.bytes(68)]);
  return packet(2, random.pick([body, body, cut, numbers, Buffer.concat([body, Buffer.of(0)])]));
}

function revocation(type: number, key: CraftedKey, parts: readonly Buffer[], odd: Odd): Buffer {
  const { random } = odd;
  const by = odd.pick(keyOf(99), [key]);
  return packet(
    2,
    craftSignature(by, [hashedKey(key.body), ...parts], {
      type,
      created: random.pick(MOMENTS),
      hashed: list => [...list, sub(29, Buffer.of(random.pick([0, 1, 2, 3, 32, 100])))],
    }),
  );
}

function boundSubkey(key: CraftedKey, subkey: CraftedKey, odd: Odd): Buffer[] {
  const { random } = odd;
  const parts = [hashedKey(key.body), hashedKey(subkey.body)];
  const back = craftSignature(odd.pick(subkey, [key]), parts, {
    ...oddCraft(odd),
    type: odd.pick(0x19, [0x18, 0]),
    created: odd.pick(T0, MOMENTS),
    hashed: list => odd.area([...list, ...odd.rarely(() => anySubpacket(odd))]),
  });
  const embedded = odd.pick([sub(32, back)], [[], [sub(32, back), sub(32, back)]]);
  const isHashed = random.once(3);
  const rights = odd.pick(flags(2), [flags(0), flags(0x0c), flags(3), Buffer.alloc(0)]);
  const bind = (created: number) =>
    packet(
      2,
      craftSignature(key, parts, {
        ...oddCraft(odd),
        type: odd.pick(0x18, [0x18, 0x28, 0x19]),
        created: odd.pick(created, MOMENTS),
        hashed: list =>
          odd.area([
            ...list,
            rights,
            ...odd.rarely(() => lifetime(random.pick(LIFETIMES))),
            ...odd.rarely(() => anySubpacket(odd)),
            ...(isHashed ? embedded : []),
          ]),
        unhashed: list => [...list, ...(isHashed ? [] : embedded)],
      }),
    );
  return [
    packet(14, subkey.body),
    bind(T0),
    ...odd.rarely(() => bind(T0 + DAY)),
    ...odd.rarely(() => revocation(0x28, key, [hashedKey(subkey.body)], odd)),
  ];
}

/** A subkey of an algorithm that never signs here: X25519 as gpg makes it, or another with numbers of no sense. */
function otherSubkey(key: CraftedKey, odd: Odd): Buffer {
  const { random } = odd;
  const curve = Buffer.from('2b060104019755010501', 'hex');
  const point = Buffer.concat([Buffer.from('010740', 'hex'), random.bytes(32)]);
  const encrypt = Buffer.concat([
    Buffer.of(4),
    uint(T0, 4),
    Buffer.of(18, 10),
    curve,
    point,
    Buffer.from('03010807', 'hex'),
  ]);
  const body = odd.pick(encrypt, [
    encrypt.subarray(0, encrypt.length - random.below(40)),
    Buffer.concat([
      Buffer.of(4),
      uint(T0, 4),
      Buffer.of(random.pick([1, 16, 17, 18, 19, 25, 27, 99])),
      random.bytes(40),
    ]),
  ]);
  const subkey = bodyOf(body);
  const binding = craftSignature(key, [hashedKey(key.body), hashedKey(subkey.body)], {
    type: 0x18,
    created: T0,
    hashed: list => [...list, flags(0x0c)],
  });
  return Buffer.concat([packet(14, body), packet(2, binding)]);
}

/** A subpacket of any type, of a right or a wrong length, critical or not. */
function anySubpacket(odd: Odd): Buffer {
  const { random } = odd;
  const isCritical = random.once(4);
  const type = random.pick([
    2, 3, 4, 5, 6, 7, 9, 11, 12, 16, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 33, 34, 35, 39, 60, 100,
    127,
  ]);
  const usual: Readonly<Record<number, Buffer>> = {
    2: uint(random.pick(MOMENTS), 4),
    3: uint(random.pick(LIFETIMES), 4),
    4: Buffer.of(random.below(2)),
    7: Buffer.of(random.below(2)),
    9: uint(random.pick(LIFETIMES), 4),
    11: Buffer.of(9, 8, 7),
    16: random.bytes(8),
    21: Buffer.of(8, 10),
    22: Buffer.of(2, 1),
    23: Buffer.of(0x80),
    25: Buffer.of(random.below(2)),
    26: Buffer.from('https://example.com'),
    28: Buffer.from('User 0 <0@example.com>'),
    30: Buffer.of(1),
    34: Buffer.of(9, 2),
  };
  if (type === 20) return notation(12 + random.below(20), isCritical);
  const body = odd.pick(usual[type] ?? random.bytes(random.below(6)), [random.bytes(random.below(6))]);
  return sub(type, body, isCritical);
}
