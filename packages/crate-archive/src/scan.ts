// Reads a .crate archive without unpacking it, and refuses what could harm the one who unpacks it, or what two readers
// could unpack differently:
//
// 1. at most 10 MiB; one gzip member, nothing after it; its checksum and length match
// 2. unpacked at most the larger of 512 MiB and 20 times the archive, counted while inflating; at most 10,000 entries
// 3. only files and folders: no link, device or sparse file; no set-user-id bit; sizes stand in headers alone
// 4. every path below `name-version/`, no dot segment, nothing that a system treats specially
// 5. no path twice, nor two that differ only in case or normal form; a Cargo.toml
//
// The checksum of the archive itself is the caller's: compare it with the `cksum` of the index first.

import { createHash } from 'node:crypto';
import { escapeText } from '@cargo-tuf/errors';
import { ByteQueue } from './byte-queue.ts';
import { relativePath } from './crate-path.ts';
import { fail } from './errors.ts';
import { gunzip } from './gunzip.ts';
import { checkLimit, CRATE_LIMITS, type CrateArchiveLimits } from './limits.ts';
import { PathSet } from './path-set.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';

/** One file of a crate. */
export interface CrateArchiveFile {
  /** Relative to the crate's folder: "src/lib.rs". */
  readonly path: string;
  /** Permission bits: 0 to 0o777. */
  readonly mode: number;
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

export interface ExpectedCrate {
  readonly name: string;
  readonly version: string;
}

export interface ScannedCrate {
  /** In the order of the archive. */
  readonly files: readonly CrateArchiveFile[];
  /** The bytes of `Cargo.toml`. */
  readonly manifest: Uint8Array;
  /** Bytes of all files together. */
  readonly unpackedSize: number;
}

/** Called with each file when it was read to its end; the archive may still turn out bad. */
export type OnFile = (file: CrateArchiveFile, content: Uint8Array) => void;

/** Throws `CRATE_*`. A limit that is not given is that of `CRATE_LIMITS`. */
export async function scanCrate(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  expect: ExpectedCrate,
  limits: Partial<CrateArchiveLimits> = {},
  onFile?: OnFile,
): Promise<ScannedCrate> {
  const bounds = { ...CRATE_LIMITS, ...limits };
  const packed = await collect(bytes, bounds.packedBytes);
  const queue = new ByteQueue(gunzip(packed, Math.max(bounds.unpackedBytes, bounds.ratio * packed.length)));
  try {
    return await scanTar(queue, `${expect.name}-${expect.version}`, bounds, onFile);
  } finally {
    await queue.close();
  }
}

/** Every file of the archive by its path. Throws as `scanCrate` does. */
export async function listCrateFiles(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  expect: ExpectedCrate,
  limits: Partial<CrateArchiveLimits> = {},
): Promise<ReadonlyMap<string, CrateArchiveFile>> {
  const { files } = await scanCrate(bytes, expect, limits);
  return new Map(files.map(file => [file.path, file]));
}

/** The whole archive: small, and its last bytes say whether the first ones count. */
async function collect(bytes: Uint8Array | AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
    length += piece.length;
    checkLimit('packed bytes', length, limit);
    pieces.push(piece);
  }
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces, length);
}

async function scanTar(
  queue: ByteQueue,
  folder: string,
  limits: CrateArchiveLimits,
  onFile: OnFile | undefined,
): Promise<ScannedCrate> {
  const paths = new PathSet();
  const files: CrateArchiveFile[] = [];
  let manifest: Uint8Array | undefined;
  let unpackedSize = 0;
  for await (const entry of tarEntries(queue, limits)) {
    const path = relativePath(entry.path, folder, entry.kind, limits.pathBytes);
    paths.add(path, entry.kind);
    if (entry.kind === 'folder') continue;
    const isManifest = path === 'Cargo.toml';
    if (isManifest) checkLimit('bytes of Cargo.toml', entry.size, limits.manifestBytes);
    const { content, sha256 } = await readContent(entry, isManifest || onFile !== undefined);
    const file = { path, mode: entry.mode, size: entry.size, sha256 };
    files.push(file);
    unpackedSize += entry.size;
    if (isManifest) manifest = content;
    onFile?.(file, content);
  }
  if (manifest === undefined) {
    throw fail('CRATE_MANIFEST', `${escapeText(folder)}: no Cargo.toml`, { details: { folder } });
  }
  return { files, manifest, unpackedSize };
}

async function readContent(
  entry: TarEntry,
  isKept: boolean,
): Promise<{ content: Uint8Array; sha256: string }> {
  const hash = createHash('sha256');
  const pieces: Uint8Array[] = [];
  for await (const piece of entry.content) {
    hash.update(piece);
    if (isKept) pieces.push(piece);
  }
  return { content: new Uint8Array(Buffer.concat(pieces)), sha256: hash.digest('hex') };
}
