// The one gzip member of a .crate (RFC 1952), as cargo writes it:
//
//   1f 8b 08 08  00000000  02 ff  "tiny-0.1.0.crate\0"  <deflate>  crc32 u32le  length u32le
//
// A reader that goes on after the first member, and one that stops there, see two archives: what follows is refused.

import { crc32, createInflateRaw } from 'node:zlib';
import { fail } from './errors.ts';
import { checkLimit } from './limits.ts';

const FIXED_HEADER = 10;
const TRAILER = 8;
const HAS_NAME = 0x08;
const MAX_NAME = 512;

/** The bytes inside, in pieces, at most `limit` of them. Throws `CRATE_GZIP`, `CRATE_LIMIT`. */
export async function* gunzip(packed: Uint8Array, limit: number): AsyncGenerator<Uint8Array> {
  const start = endOfHeader(packed);
  const end = packed.length - TRAILER;
  if (end < start) throw fail('CRATE_GZIP', `gzip: ${packed.length} bytes, too few`);
  const inflate = createInflateRaw();
  inflate.end(packed.subarray(start, end));
  let length = 0;
  let sum = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      checkLimit('unpacked bytes', length, limit);
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (cause) {
    if (isZlibError(cause)) throw fail('CRATE_GZIP', `gzip: ${cause.message}`, { cause });
    throw cause;
  } finally {
    inflate.destroy();
  }
  if (inflate.bytesWritten !== end - start) {
    throw fail('CRATE_GZIP', `gzip: ${end - start - inflate.bytesWritten} bytes after the end`);
  }
  checkTrailer(packed, end, sum, length);
}

function endOfHeader(packed: Uint8Array): number {
  const [first, second, method, flags] = packed;
  if (packed.length < FIXED_HEADER || first !== 0x1f || second !== 0x8b || method !== 8) {
    throw fail('CRATE_GZIP', 'gzip: not a gzip file');
  }
  if (flags === 0) return FIXED_HEADER;
  if (flags !== HAS_NAME) {
    throw fail('CRATE_GZIP', `gzip: flags ${flags}, expected none but a file name`, {
      details: { flags: flags ?? 0 },
    });
  }
  const end = packed.subarray(0, FIXED_HEADER + MAX_NAME).indexOf(0, FIXED_HEADER);
  if (end < 0) throw fail('CRATE_GZIP', `gzip: file name longer than ${MAX_NAME} bytes`);
  return end + 1;
}

function checkTrailer(packed: Uint8Array, at: number, sum: number, length: number): void {
  const view = new DataView(packed.buffer, packed.byteOffset + at, TRAILER);
  if (view.getUint32(0, true) !== sum) throw fail('CRATE_GZIP', 'gzip: checksum does not match');
  if (view.getUint32(4, true) !== length % 2 ** 32) throw fail('CRATE_GZIP', 'gzip: length does not match');
}

function isZlibError(error: unknown): error is Error & { readonly code: string } {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && code.startsWith('Z_');
}
