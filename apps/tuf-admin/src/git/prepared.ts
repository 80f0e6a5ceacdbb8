// A working folder of files as they are to stand in the index, with signatures beside what they cover:
//
//   work/targets.toml      work/targets.toml.asc
//   work/se/rd/serde       work/se/rd/serde.asc
//                          work/se/rd/serde.alice.asc    one more signature of the same

import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  INDEX_LIMITS,
  indexPath,
  parseCrateName,
  parseIndexEntry,
  parseIndexVersion,
} from '@cargo-tuf/crate-index';
import { escapeText } from '@cargo-tuf/errors';
import { joinSignatures } from '@cargo-tuf/openpgp';
import { type Context, print } from '../context.ts';
import { about, fail } from '../errors.ts';
import { isFolder, readExistingFile, unusable, writeNewFile } from '../local-file.ts';
import { resolvePath } from '../passphrase.ts';

type Files = ReadonlyMap<string, Uint8Array>;

/** Writes files into a folder that is not there or empty. */
export async function writePrepared(
  context: Context,
  folder: string,
  files: ReadonlyMap<string, Uint8Array | null>,
  asJson: boolean | undefined,
): Promise<void> {
  const path = resolvePath(context, folder);
  await makeFolder(path);
  if ((await readdir(path)).length > 0)
    throw fail('ADMIN_NOT_EMPTY', `${escapeText(path)}: is not empty`, { details: { path } });
  const written: string[] = [];
  for (const [name, bytes] of files) {
    if (bytes === null) throw fail('ADMIN_USAGE', '--prepare: expected no --delete with it');
    await makeFolder(dirname(`${path}/${name}`));
    await writeNewFile(`${path}/${name}`, bytes, 0o644);
    written.push(name);
  }
  const text = [
    `Nothing is committed. To be signed, in ${escapeText(path, 1000)}:`,
    ...written.map(each => `  ${each}`),
  ];
  print(context, { text, json: { published: false, prepared: written } }, asJson);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** The files of folders, several signatures of one file joined. */
export async function readPrepared(context: Context, folders: readonly string[]): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  const signatures = new Map<string, string[]>();
  for (const given of folders) {
    const folder = resolvePath(context, given);
    if (!isFolder(folder))
      throw fail('ADMIN_FILE', `${escapeText(folder)}: no folder`, { details: { path: folder } });
    for (const path of await filesOf(folder, '', 0)) {
      const bytes = readExistingFile(`${folder}/${path}`, INDEX_LIMITS.entryBytes);
      const signed = SIGNATURE.exec(path)?.[1];
      if (signed === undefined) files.set(path, bytes);
      else signatures.set(signed, [...(signatures.get(signed) ?? []), new TextDecoder().decode(bytes)]);
    }
  }
  for (const [path, armors] of signatures) {
    const armor = await about(`${escapeText(path, 200)}.asc`, () =>
      joinSignatures(armors, ['sha256', 'sha512']),
    );
    files.set(`${path}.asc`, new TextEncoder().encode(armor));
  }
  return files;
}

/** "serde.asc", "serde.alice.asc", "targets.toml.asc", "targets.toml.alice.asc" */
const SIGNATURE = /^((?:[^/]+\/)*(?:targets\.toml|[^/.]+))(?:\.[A-Za-z0-9_-]+)?\.asc$/;
const DEEPEST = 8;

async function filesOf(folder: string, prefix: string, depth: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const item of await readdir(`${folder}/${prefix}`, { withFileTypes: true })) {
    if (item.name.startsWith('.')) continue;
    const path = `${prefix}${item.name}`;
    if (item.isDirectory() && depth < DEEPEST) found.push(...(await filesOf(folder, `${path}/`, depth + 1)));
    else found.push(path);
  }
  return found.sort();
}

/** Whole entries, each of which says whose it is. */
export async function entryFiles(context: Context, files: readonly string[]): Promise<Files> {
  const entries = new Map<string, Uint8Array>();
  for (const file of files) {
    const path = resolvePath(context, file);
    const bytes = readExistingFile(path, INDEX_LIMITS.entryBytes);
    const place = await about(escapeText(path), () => {
      const end = bytes.indexOf(0x0a);
      const { name } = parseIndexVersion(bytes.subarray(0, end === -1 ? bytes.length : end));
      const entryPath = indexPath(name.toLowerCase());
      parseIndexEntry(entryPath, bytes);
      return entryPath;
    });
    entries.set(place, bytes);
  }
  return entries;
}

export async function deletedEntries(crates: readonly string[]): Promise<ReadonlyMap<string, null>> {
  const paths = new Map<string, null>();
  for (const crate of crates)
    paths.set(await about('--delete', () => indexPath(parseCrateName(crate).toLowerCase())), null);
  return paths;
}
