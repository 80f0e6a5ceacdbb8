// Writes a .crate archive in the layout that cargo writes: GNU tar headers, no owner, one fixed time, files by path. The
// same files give the same bytes with the same zlib.

import { crc32, deflateRawSync } from 'node:zlib';
import { checkCratePath } from './crate-path.ts';
import { fail } from './errors.ts';
import { CRATE_LIMITS } from './limits.ts';
import { PathSet } from './path-set.ts';
import { BLOCK, sumOfHeader } from './tar-header.ts';

/** cargo's fixed time: 2006-07-24T01:21:28Z. */
const MODIFIED = 1_153_704_088;
const FILE_MODE = 0o644;
const NAME_BYTES = 100;

/** `files`: by path relative to the crate's folder. Throws `CRATE_FILES`, `CRATE_PATH`, `CRATE_DUPLICATE`. */
export function encodeCrate(
  name: string,
  version: string,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const folder = `${name}-${version}`;
  checkCratePath(folder, CRATE_LIMITS.pathBytes);
  if (folder.includes('/')) throw fail('CRATE_FILES', 'crate: name and version with a slash');
  if (!files.has('Cargo.toml')) throw fail('CRATE_FILES', 'crate: no Cargo.toml among its files');
  const paths = new PathSet();
  const blocks: Uint8Array[] = [];
  for (const [path, content] of [...files].sort(([left], [right]) => (left < right ? -1 : 1))) {
    checkCratePath(path, CRATE_LIMITS.pathBytes);
    paths.add(path, 'file');
    blocks.push(...fileBlocks(`${folder}/${path}`, content));
  }
  return gzip(Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]));
}

function fileBlocks(path: string, content: Uint8Array): readonly Uint8Array[] {
  const name = new TextEncoder().encode(path);
  const file = [header(name.subarray(0, NAME_BYTES), content.length, '0'), content, padding(content.length)];
  if (name.length <= NAME_BYTES) return file;
  const longName = new Uint8Array([...name, 0]);
  const marker = new TextEncoder().encode('././@LongLink');
  return [header(marker, longName.length, 'L'), longName, padding(longName.length), ...file];
}

function header(name: Uint8Array, size: number, kind: '0' | 'L'): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(startOfName(name));
  const fields: readonly (readonly [number, string])[] = [
    [100, octal(FILE_MODE, 7)],
    [108, octal(0, 7)],
    [116, octal(0, 7)],
    [124, octal(size, 11)],
    [136, octal(MODIFIED, 11)],
    [156, kind],
    [257, 'ustar  \0'],
  ];
  for (const [offset, text] of fields) block.set(Buffer.from(text, 'latin1'), offset);
  block.set(Buffer.from(octal(sumOfHeader(block), 7), 'latin1'), 148);
  return block;
}

/** At most 100 bytes that do not end inside a character. */
function startOfName(name: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder().decode(name).replace(/\ufffd$/, ''));
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padding(length: number): Uint8Array {
  return new Uint8Array((BLOCK - (length % BLOCK)) % BLOCK);
}

function gzip(bytes: Uint8Array): Uint8Array {
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crc32(bytes), true);
  trailer.setUint32(4, bytes.length, true);
  const head = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff);
  return new Uint8Array(
    Buffer.concat([head, deflateRawSync(bytes, { level: 9 }), new Uint8Array(trailer.buffer)]),
  );
}
