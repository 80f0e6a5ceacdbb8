// The archives of a manifest: compared with its hashes where they are, then copied to where it says that they stand.
//
//   FOLDER/rustc-1.95.0-x86_64-unknown-linux-gnu.tar.xz   or   FOLDER/2026-11-20/rustc-1.95.0-x86_64-unknown-linux-gnu.tar.xz
//   to public/dist/2026-11-20/rustc-1.95.0-x86_64-unknown-linux-gnu.tar.xz

import { openProgress } from '@cargo-tuf/command-line';
import { createReadStream } from 'node:fs';
import { escapeText } from '@cargo-tuf/errors';
import { createSha256, encodeHex } from '@cargo-tuf/keys';
import { type Archive, type ChannelManifest, formatChecksum } from '@cargo-tuf/release-channel';
import type { NewFile, PublishedBytes } from '@cargo-tuf/repository';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';
import { isRegularFile } from '../local-file.ts';
import type { PublishedFiles } from '../published-folder.ts';

export interface Artifacts {
  /** What is copied: archive to the file that has it. */
  readonly found: ReadonlyMap<Archive, string>;
  /** Archives that stand in public/dist already, with the right hash. */
  readonly standing: number;
  /** Paths of archives that are neither there nor in the folder. */
  readonly missing: readonly string[];
}

/** Every archive of a manifest once, by path. */
export function listArchivesOf(manifest: ChannelManifest): readonly Archive[] {
  const archives = new Map<string, Archive>();
  for (const { targets } of manifest.packages.values())
    for (const target of targets.values())
      for (const archive of target.archives) {
        const other = archives.get(archive.path);
        if (other !== undefined && other.sha256 !== archive.sha256)
          throw differs(archive.path, other.sha256, archive);
        archives.set(archive.path, archive);
      }
  return [...archives.values()];
}

/** Throws `ADMIN_CHECKSUM` for an archive with another hash than the manifest's. Nothing is written. */
export async function findArtifacts(
  context: Context,
  publicFolder: string,
  folder: string,
  manifest: ChannelManifest,
): Promise<Artifacts> {
  const archives = listArchivesOf(manifest);
  const progress = openProgress(context, 'Checking', archives.length);
  const found = new Map<Archive, string>();
  const missing: string[] = [];
  let standing = 0;
  try {
    for (const [index, archive] of archives.entries()) {
      progress.step(index, nameOf(archive));
      const published = `${publicFolder}/${archive.path}`;
      const places = [`${folder}/${nameOf(archive)}`, `${folder}/${archive.path.slice('dist/'.length)}`];
      if (isRegularFile(published)) {
        await assertHash(published, archive);
        standing += 1;
        continue;
      }
      const file = isRegularFile(places[0] as string) ? places[0] : places[1];
      if (file === undefined || !isRegularFile(file)) {
        missing.push(archive.path);
        continue;
      }
      await assertHash(file, archive);
      found.set(archive, file);
    }
  } finally {
    progress.end();
  }
  return { found, standing, missing };
}

/** Copies what was found, with its checksum files. A file that changed meanwhile leaves nothing. */
export async function copyArtifacts(
  context: Context,
  bytes: PublishedFiles,
  { found }: Artifacts,
): Promise<void> {
  const progress = openProgress(context, 'Copying', found.size);
  let done = 0;
  try {
    for (const [archive, file] of found) {
      progress.step(done++, nameOf(archive));
      await bytes.putStream(archive.path, checked(file, archive));
      const checksum = formatChecksum(archive.sha256, nameOf(archive));
      await bytes.putStream(`${archive.path}.sha256`, one(checksum));
    }
  } finally {
    progress.end();
  }
}

/** The same bytes, with work that is done right before the first of them is written. */
export function beforeWriting(bytes: PublishedBytes, work: () => Promise<void>): PublishedBytes {
  let done: Promise<void> | undefined;
  const after = async <T>(write: () => Promise<T>): Promise<T> => {
    done ??= work();
    await done;
    return write();
  };
  return {
    get: path => bytes.get(path),
    putIfAbsent: (path, content) => after(() => bytes.putIfAbsent(path, content)),
    compareAndSwap: (path, content, tag) => after(() => bytes.compareAndSwap(path, content, tag)),
    ...(bytes.putManyIfAbsent && {
      putManyIfAbsent: (files: Iterable<NewFile>) =>
        after(async () => (await bytes.putManyIfAbsent?.(files)) ?? []),
    }),
  };
}

/** Throws `ADMIN_CHECKSUM`. */
export async function assertHash(file: string, archive: Archive): Promise<void> {
  for await (const _ of checked(file, archive));
}

async function* checked(file: string, archive: Archive): AsyncIterable<Uint8Array> {
  const hash = createSha256();
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  const seen = encodeHex(hash.digest());
  if (seen !== archive.sha256) throw differs(file, seen, archive);
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function nameOf({ path }: Archive): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function differs(file: string, seen: string, { sha256 }: Archive): Error {
  return fail(
    'ADMIN_CHECKSUM',
    `${escapeText(file)}: sha256 ${seen}, expected ${sha256} as the manifest says`,
    {
      details: { file, seen, expected: sha256 },
      hint: 'do not publish this archive: it is not the one that the manifest names',
    },
  );
}
