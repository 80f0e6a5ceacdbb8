// Archives unpacked as they are read, and which of a component's archives is taken.
//
// gzip and Zstandard are Node's own, the latter from 22.15 on; before, and for xz always, it is the system's program: it is as fast
// as rustup, where the ports to JavaScript take twice as long and keep 64 MiB more in this process. Without the programs the
// gzip archive is taken, which every manifest has.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { closeSync, createReadStream, openSync, statSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { findProgram } from '@cargo-tuf/command-line';
import type { Archive, ArchiveFormat, SelectedComponent } from '@cargo-tuf/release-channel';
import { fail, fileError } from '../errors.ts';
import { readTogether } from './read-together.ts';

const PIECE_BYTES = 1024 * 1024;
/** What is unpacked while the pieces before it are written. */
const INFLATE_SETTINGS = { chunkSize: PIECE_BYTES, highWaterMark: 2 * PIECE_BYTES };

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
      ? () => createZstdDecompress(INFLATE_SETTINGS)
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

/** Told of bytes that were read of `total`, or that were unpacked where another process reads the file. */
export type UnpackProgress = (bytes: number, total: number | undefined) => void;

/** The bytes inside of an archive. Throws `INSTALL_ARCHIVE`, `INSTALL_FILE`, `INSTALL_NO_XZ`. */
export async function* unpackArchive(
  file: string,
  format: ArchiveFormat,
  formats: Formats,
  onProgress?: UnpackProgress,
): AsyncGenerator<Uint8Array> {
  const means = format === 'gz' ? () => zlib.createGunzip(INFLATE_SETTINGS) : formats[format];
  if (means === undefined) throw fail('INSTALL_NO_XZ', `${file}: ${format} cannot be unpacked here`);
  if (typeof means === 'string')
    yield* runUnpacker(file, means, PROGRAM_ARGUMENTS[format as 'xz' | 'zst'], onProgress);
  else yield* inflate(file, means(), onProgress);
}

async function* inflate(
  file: string,
  stream: Duplex,
  onProgress: UnpackProgress | undefined,
): AsyncGenerator<Uint8Array> {
  const { size } = attempt(file, () => statSync(file));
  const source = createReadStream(file, { highWaterMark: PIECE_BYTES });
  source.on('error', error => stream.destroy(fileError(file, error)));
  source.pipe(stream);
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      onProgress?.(source.bytesRead, size);
      yield piece;
    }
  } catch (cause) {
    throw isZlibError(cause) ? damaged(file, cause.message, cause) : cause;
  } finally {
    source.destroy();
    stream.destroy();
  }
}

/** A process with the file as its input and nothing else of ours: no setting, no terminal, bounded memory. */
async function* runUnpacker(
  file: string,
  program: string,
  args: readonly string[],
  onProgress: UnpackProgress | undefined,
): AsyncGenerator<Uint8Array> {
  const input = attempt(file, () => openSync(file, 'r'));
  const child = spawn(program, args, {
    env: { LC_ALL: 'C' },
    stdio: [input, 'pipe', 'pipe'],
  }) as ChildProcessByStdio<null, Readable, Readable>;
  closeSync(input);
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    if (said.length < 500) said += bytes.toString('latin1');
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', cause => reject(fail('INSTALL_NO_XZ', `${program}: cannot be started`, { cause })));
    child.on('close', resolve);
  });
  ended.catch(() => undefined);
  try {
    let unpacked = 0;
    for await (const piece of readTogether(child.stdout)) {
      unpacked += piece.length;
      onProgress?.(unpacked, undefined);
      yield piece;
    }
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

function attempt<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileError(file, error);
  }
}

function isZlibError(error: unknown): error is Error {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && (code.startsWith('Z_') || code.startsWith('ZSTD_'));
}

function damaged(file: string, what: string, cause?: unknown): Error {
  return fail('INSTALL_ARCHIVE', `${file}: ${what}`, { cause });
}
