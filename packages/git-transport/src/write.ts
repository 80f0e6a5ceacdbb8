// Objects are written by git, which checks them as fsck does, and each must get the id that its bytes have.

import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { escapeText } from '@cargo-tuf/errors';
import { type ObjectFormat, type ObjectId, type ObjectType, objectId } from '@cargo-tuf/git-object';
import type { Commands } from './commands.ts';
import { fail } from './errors.ts';
import { type GitObject, wrongId } from './object-reader.ts';

export async function writeObject(
  commands: Commands,
  type: ObjectType,
  bytes: Uint8Array,
): Promise<ObjectId> {
  const id = objectId(type, bytes, commands.format);
  const { stdout } = await commands.run({
    words: ['hash-object', '-w', '-t', type, '--stdin'],
    input: bytes,
  });
  const found = stdout.toString('latin1').trim();
  if (found !== id) throw wrongId(id, escapeText(found, 80) as ObjectId);
  return id;
}

/** Many objects as one pack: an index of a hundred thousand files in seconds. */
export async function writeObjects(
  commands: Commands,
  objects: readonly GitObject[],
): Promise<readonly ObjectId[]> {
  const { format, limits } = commands;
  if (objects.length > limits.writtenObjects)
    throw fail('GIT_LIMIT', `objects: ${objects.length} at once, expected at most ${limits.writtenObjects}`);
  const ids = objects.map(({ type, bytes }) => objectId(type, bytes, format));
  const once = [...new Map(objects.map((object, index) => [ids[index], object])).values()];
  if (once.length > 0) {
    await commands.run({
      words: ['index-pack', '--stdin', '--strict'],
      input: encodePack(once, format),
      milliseconds: limits.fetchMs,
    });
  }
  return ids;
}

/** A pack of whole objects: "PACK", version 2, count; each with its type and size, deflated; the hash of it all. */
function encodePack(objects: readonly GitObject[], format: ObjectFormat): Uint8Array {
  const start = Buffer.alloc(12);
  start.write('PACK', 'latin1');
  start.writeUInt32BE(2, 4);
  start.writeUInt32BE(objects.length, 8);
  const parts = [
    start,
    ...objects.flatMap(({ type, bytes }) => [entryHeader(type, bytes.length), deflateSync(bytes)]),
  ];
  const hash = createHash(format);
  for (const part of parts) hash.update(part);
  return Buffer.concat([...parts, hash.digest()]);
}

const TYPES: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

// Three bits of type and four of size, then seven of size a byte, low bits first; the high bit says that more follow.
function entryHeader(type: ObjectType, length: number): Buffer {
  const out: number[] = [];
  let byte = (TYPES[type] << 4) | (length & 15);
  for (let rest = Math.floor(length / 16); rest > 0; rest = Math.floor(rest / 128)) {
    out.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...out, byte]);
}
