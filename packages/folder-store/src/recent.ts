// `cache/recent`: the short files of the cache that were kept last, in one file. Making a file takes longer than fetching
// and verifying what is to stand in it, so short ones get files of their own only when they are many.
//
//   u8 length of kind | kind | 32 bytes of hash | u32 length, big-endian | bytes, and again
//
// The last entry of a name counts. Nothing of it is trusted; where it does not go on as above, it ends.

import { decodeHex, encodeHex } from '@cargo-tuf/keys';

/** By `<kind>/<hash>`, the oldest first. */
export type Entries = ReadonlyMap<string, Uint8Array>;

const HASH_BYTES = 32;
const LENGTH_BYTES = 4;

export function encodeRecent(entries: Entries): Uint8Array {
  let size = 0;
  for (const [name, bytes] of entries) size += headLength(name) + bytes.length;
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  let at = 0;
  for (const [name, bytes] of entries) {
    const [kind, hash] = partsOf(name);
    file[at] = kind.length;
    for (let letter = 0; letter < kind.length; letter += 1) file[at + 1 + letter] = kind.charCodeAt(letter);
    file.set(decodeHex(hash), at + 1 + kind.length);
    at += headLength(name);
    view.setUint32(at - LENGTH_BYTES, bytes.length);
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

export function decodeRecent(file: Uint8Array): Map<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = 0; at < file.length; ) {
    const hashAt = at + 1 + (file[at] as number);
    const start = hashAt + HASH_BYTES + LENGTH_BYTES;
    if (start > file.length) break;
    const end = start + view.getUint32(start - LENGTH_BYTES);
    if (end > file.length) break;
    const kind = String.fromCharCode(...file.subarray(at + 1, hashAt));
    const name = `${kind}/${encodeHex(file.subarray(hashAt, hashAt + HASH_BYTES))}`;
    entries.delete(name);
    entries.set(name, file.subarray(start, end));
    at = end;
  }
  return entries;
}

export function partsOf(name: string): readonly [kind: string, hash: string] {
  const slash = name.indexOf('/');
  return [name.slice(0, slash), name.slice(slash + 1)];
}

function headLength(name: string): number {
  return 1 + name.indexOf('/') + HASH_BYTES + LENGTH_BYTES;
}
