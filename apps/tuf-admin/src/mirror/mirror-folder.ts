// A mirror's folder. What a mirror serves is checked by its clients; nothing beside `public` is served.
//
//   public/       the repository's files, under its own paths (docs/pouf.md section 1)
//   root.json     the root that the mirror was begun with
//   mirror.json   {"archives":true,"complete":true,"format":1}: what stands below every tile that stands there
//   state/        what our own client accepted last, and the lock
//   temporary/    files that are not whole yet

import { mkdir, rename } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { encodeCanonical, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import { CLIENT_LIMITS, type Source } from '@cargo-tuf/client';
import { escapeText } from '@cargo-tuf/errors';
import { type FolderStore, openFolderStore } from '@cargo-tuf/folder-store';
import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import { about, fail } from '../errors.ts';
import {
  isFolder,
  readExistingFile,
  readLocalFile,
  syncPath,
  writeContent,
  writeNewFile,
} from '../local-file.ts';
import { clearTemporary, openPublishedFolder, type PublishedFiles } from '../published-folder.ts';

export interface MirrorFolder {
  readonly folder: string;
  readonly files: PublishedFiles;
  readonly store: FolderStore;
  /** The bytes of the root that is trusted. */
  readonly root: Uint8Array;
}

export interface MirrorTrust {
  /** A root.json that the operator checked. */
  readonly root?: string;
  /** SHA-256 of the repository's first root, which is then fetched. */
  readonly fingerprint?: string;
}

/** Opens a mirror, or begins one in a folder that is empty or absent. Throws `ADMIN_MIRROR`. */
export async function openMirrorFolder(
  folder: string,
  source: Source,
  trust: MirrorTrust,
): Promise<MirrorFolder> {
  if (isFolder(`${folder}/keys`))
    throw fail(
      'ADMIN_MIRROR',
      `${escapeText(folder)}: is the repository itself, expected a folder for a copy`,
    );
  if (!isFolder(folder)) await mkdir(folder, { recursive: true });
  const root = await trustedRoot(folder, source, trust);
  return mirrorOver(folder, await openFolderStore(`${folder}/state`), root);
}

/** Runs work while nobody else changes the mirror: through the one that it gets. */
export function lockMirror<T>(
  { folder, store, root }: MirrorFolder,
  work: (held: MirrorFolder) => Promise<T>,
): Promise<T> {
  return store.exclusive(async held => {
    await clearTemporary(`${folder}/temporary`);
    return work(mirrorOver(folder, held, root));
  });
}

function mirrorOver(folder: string, store: FolderStore, root: Uint8Array): MirrorFolder {
  const files = openPublishedFolder({
    folder: `${folder}/public`,
    temporary: `${folder}/temporary`,
    exclusive: work => store.exclusive(() => work()),
  });
  return { folder, files, store, root };
}

async function trustedRoot(folder: string, source: Source, trust: MirrorTrust): Promise<Uint8Array> {
  const path = `${folder}/root.json`;
  const kept = readLocalFile(path, CLIENT_LIMITS.root);
  const given = trust.root === undefined ? undefined : readExistingFile(trust.root, CLIENT_LIMITS.root);
  if (kept !== null) {
    if (given === undefined || equalBytes(given, kept)) return kept;
    throw fail('ADMIN_MIRROR', `--root: another root than the one that this mirror was begun with`);
  }
  const root = given ?? (await rootByFingerprint(source, trust.fingerprint));
  await writeNewFile(path, root, 0o644);
  return root;
}

async function rootByFingerprint(source: Source, text: string | undefined): Promise<Uint8Array> {
  if (text === undefined)
    throw fail('ADMIN_MIRROR', 'root: none given for a mirror that begins, expected --root or --fingerprint');
  const wanted = text.toLowerCase().replaceAll(/[\s:]/g, '');
  const root = await source.fetch('metadata/1.root.json', { maxLength: CLIENT_LIMITS.root });
  const seen = root === null ? 'no file' : encodeHex(sha256(root));
  if (root !== null && seen === wanted) return root;
  throw fail('ADMIN_MIRROR', `metadata/1.root.json: fingerprint ${seen}, expected ${escapeText(wanted, 80)}`);
}

/** What a tile that stands in the mirror stands for. */
export interface Completeness {
  /** All tiles and index entries below it. */
  readonly complete: boolean;
  /** The archives of these entries as well. */
  readonly archives: boolean;
}

/** Undefined for a mirror that begins. */
export async function readCompleteness(folder: string): Promise<Completeness | undefined> {
  const bytes = readLocalFile(`${folder}/mirror.json`, 4096);
  if (bytes === null) return undefined;
  return about('mirror.json', () => {
    const value = parseJson(bytes);
    if (isJsonObject(value) && value.get('format') === 1) {
      const [complete, archives] = [value.get('complete'), value.get('archives')];
      if (typeof complete === 'boolean' && typeof archives === 'boolean') return { complete, archives };
    }
    throw fail('ADMIN_INPUT', 'not as this program writes it', { details: { local: true } });
  });
}

export async function writeCompleteness(folder: string, { complete, archives }: Completeness): Promise<void> {
  const members: [string, JsonValue][] = [
    ['format', 1],
    ['complete', complete],
    ['archives', archives],
  ];
  const temporary = `${folder}/mirror.json.${randomBytes(8).toString('hex')}`;
  await writeContent(temporary, encodeCanonical(new Map(members)), 0o644);
  await rename(temporary, `${folder}/mirror.json`);
  await syncPath(folder);
}
