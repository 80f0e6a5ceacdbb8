// Archives unpacked as they are read, and which of a component's archives is taken.
//
// gzip and Zstandard are Node's own, the latter from 22.15 on; before, and for xz always, it is the system's program: it is as fast
// as rustup, where the ports to JavaScript take twice as long and keep 64 MiB more in this process. Without the programs the
// gzip archive is taken, which every manifest has.

import { spawn } from 'node:child_process';
import { createReadStream, type ReadStream } from 'node:fs';
import type { Duplex } from 'node:stream';
import * as zlib from 'node:zlib';
import { findProgram } from '@cargo-tuf/command-line';
import type { Archive, ArchiveFormat, SelectedComponent } from '@cargo-tuf/release-channel';
import { fail, fileError } from '../errors.ts';

const PIECE_BYTES = 1024 * 1024;

/** What this machine can unpack. */
export interface Formats {
  /** The absolute path of the program xz. */
  readonly xz: string | undefined;
  /** Node's own, or the absolute path of the program zstd. */
  readonly zst: (() => Duplex) | string | undefined;
}

export function findFormats(environment: Readonly<Record<string, string | undefined>>): Formats {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: object) => Duplex };
  return {
    xz: findProgram('xz', environment['PATH']),
    zst: createZstdDecompress
      ? () => createZstdDecompress({ chunkSize: PIECE_BYTES })
      : findProgram('zstd', environment['PATH']),
  };
}

/** The best archive of a component that can be unpacked here. Throws `INSTALL_NO_XZ`. */
export function chooseArchive({ name, archives }: SelectedComponent, formats: Formats): Archive {
  const found = archives.find(({ format }) => format === 'gz' || formats[format] !== undefined);
  if (found !== undefined) return found;
  const offered = archives.map(({ format }) => format).join(', ');
  throw fail('INSTALL_NO_XZ', `${name}: offered as ${offered} only, which cannot be unpacked here`);
}

/** True where another process unpacks it. */
export function isUnpackedByProgram({ format }: Archive, formats: Formats): boolean {
  return format !== 'gz' && typeof formats[format] === 'string';
}

/** The bytes inside of an archive. `onProgress` is told how many of the file were read. Throws `INSTALL_ARCHIVE`, `INSTALL_FILE`. */
export async function* unpackArchive(
  file: string,
  format: ArchiveFormat,
  formats: Formats,
  onProgress?: (read: number) => void,
): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file, { highWaterMark: PIECE_BYTES });
  const means = format === 'gz' ? () => zlib.createGunzip({ chunkSize: PIECE_BYTES }) : formats[format];
  if (means === undefined) throw fail('INSTALL_NO_XZ', `${file}: ${format} cannot be unpacked here`);
  const unpacked =
    typeof means === 'string'
      ? runUnpacker(file, source, means, PROGRAM_ARGUMENTS[format as 'xz' | 'zst'])
      : inflate(file, source, means());
  try {
    for await (const piece of unpacked) {
      onProgress?.(source.bytesRead);
      yield piece;
    }
  } finally {
    source.destroy();
  }
}

async function* inflate(file: string, source: ReadStream, stream: Duplex): AsyncGenerator<Uint8Array> {
  source.on('error', error => stream.destroy(fileError(file, error)));
  source.pipe(stream);
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw isZlibError(cause) ? damaged(file, cause.message, cause) : cause;
  } finally {
    stream.destroy();
  }
}

/** A process with the file as its input and nothing else of ours: no setting, no terminal, bounded memory. */
async function* runUnpacker(
  file: string,
  source: ReadStream,
  program: string,
  args: readonly string[],
): AsyncGenerator<Uint8Array> {
  const child = spawn(program, args, { env: { LC_ALL: 'C' }, stdio: 'pipe' });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    if (said.length < 500) said += bytes.toString('latin1');
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', cause => reject(fail('INSTALL_NO_XZ', `${program}: cannot be started`, { cause })));
    child.on('close', resolve);
  });
  ended.catch(() => undefined);
  // One that ends before its input does says why with its code.
  child.stdin.on('error', () => undefined);
  source.on('error', error => child.stdout.destroy(fileError(file, error)));
  source.pipe(child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const code = await ended;
    if (code !== 0) throw damaged(file, said.trim() || `${program} ended with ${code}`);
  } finally {
    child.kill();
    await ended.catch(() => undefined);
  }
}

/** 64 MiB is what the archives of Rust ask for. */
const PROGRAM_ARGUMENTS: Readonly<Record<'xz' | 'zst', readonly string[]>> = {
  xz: ['--decompress', '--stdout', '--format=xz', '--threads=1', '--memlimit-decompress=128MiB'],
  zst: ['--decompress', '--stdout', '--quiet', '--memory=128MB'],
};

function isZlibError(error: unknown): error is Error {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && (code.startsWith('Z_') || code.startsWith('ZSTD_'));
}

function damaged(file: string, what: string, cause?: unknown): Error {
  return fail('INSTALL_ARCHIVE', `${file}: ${what}`, { cause });
}
