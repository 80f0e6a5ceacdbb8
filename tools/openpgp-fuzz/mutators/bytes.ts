// Changes of bytes that know nothing of what the bytes mean.

import type { Random } from '../random.ts';

type Mutate = (bytes: Buffer, random: Random) => Buffer;

export const BYTE_MUTATORS: Readonly<Record<string, Mutate>> = {
  flip: (bytes, random) => {
    const out = Buffer.from(bytes);
    for (let count = 1 + random.below(3); count > 0; count -= 1)
      out[random.below(out.length)] ^= 1 << random.below(8);
    return out;
  },
  set: (bytes, random) => {
    const out = Buffer.from(bytes);
    out[random.below(out.length)] = random.pick([0, 1, 2, 4, 0x10, 0x40, 0x7f, 0x80, 0xc0, 0xff]);
    return out;
  },
  truncate: (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  insert: (bytes, random) =>
    splice(bytes, random.below(bytes.length + 1), 0, random.bytes(1 + random.below(4))),
  remove: (bytes, random) => splice(bytes, random.below(bytes.length), 1 + random.below(4)),
  repeat: (bytes, random) => {
    const from = random.below(bytes.length);
    const piece = bytes.subarray(from, from + 1 + random.below(32));
    return splice(bytes, random.below(bytes.length + 1), 0, piece);
  },
};

export function splice(bytes: Buffer, at: number, removed: number, added: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}
