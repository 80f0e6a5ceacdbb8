// The trusted documents: what `state.json` names, as files in `documents/` that are named by their SHA-256.
//
// Order of a replacement, each step complete before the next, so that a stop at any point leaves the state before
// or the state after:
//   1. the bytes of every changed document, on the disk under its hash
//   2. `state.previous.json`: the manifest that is about to be replaced, on the disk; its name follows with the next step
//   3. `state.json`, moved into place, its folder on the disk       <- the change happens here
//   4. documents that neither manifest names are removed
// A reader takes no lock. One that reads the old manifest while step 3 happens still finds its documents.

import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { ensureFolder, moveIntoPlace } from './atomic-write.ts';
import { fail } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { STORE_LIMITS } from './limits.ts';
import {
  decodeManifest,
  EMPTY_MANIFEST,
  encodeManifest,
  isSha256,
  type Manifest,
  type StoredDocument,
} from './manifest.ts';

export interface LoadedDocuments {
  readonly manifest: Manifest;
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** What was found damaged, as names of files of ours or of documents. */
  readonly damaged: readonly string[];
}

export async function loadDocuments(fileSystem: FileSystem, folder: string): Promise<LoadedDocuments> {
  for (;;) {
    const { manifest, damaged } = await loadManifest(fileSystem, folder);
    const documents = new Map<string, Uint8Array>();
    const lost: string[] = [];
    for (const [name, document] of manifest.documents) {
      const bytes = await readDocument(fileSystem, folder, document);
      if (bytes === null) lost.push(name);
      else documents.set(name, bytes);
    }
    // A writer may have replaced the state twice meanwhile, and removed what this manifest names.
    const settled =
      lost.length === 0 || (await loadManifest(fileSystem, folder)).manifest.revision === manifest.revision;
    if (settled) return { manifest, documents, damaged: [...damaged, ...lost] };
  }
}

export interface LoadedManifest {
  readonly manifest: Manifest;
  readonly damaged: readonly string[];
}

/**
 * The manifest in force. Where it is damaged or gone, the one before: its floors are lower, but not lost. It is looked for
 * again after the one before was read: a writer may have made both meanwhile.
 */
export async function loadManifest(fileSystem: FileSystem, folder: string): Promise<LoadedManifest> {
  const first = await readManifest(fileSystem, `${folder}/state.json`);
  if (first instanceof Object) return { manifest: first, damaged: [] };
  const previous = await readManifest(fileSystem, `${folder}/state.previous.json`);
  const current = await readManifest(fileSystem, `${folder}/state.json`);
  if (current instanceof Object) return { manifest: current, damaged: [] };
  if (previous instanceof Object) return { manifest: previous, damaged: ['state.json'] };
  const damaged = current === 'absent' && previous === 'absent' ? [] : ['state.json', 'state.previous.json'];
  return { manifest: EMPTY_MANIFEST, damaged };
}

/** Sets or removes documents on top of what was loaded; returns the revision. The caller holds the lock. */
export async function commitDocuments(
  fileSystem: FileSystem,
  folder: string,
  before: LoadedManifest,
  changes: ReadonlyMap<string, Uint8Array | null>,
): Promise<number> {
  checkCount(before.manifest, changes);
  for (const each of ['documents', 'temporary']) await ensureFolder(fileSystem, `${folder}/${each}`);
  const documents = new Map(before.manifest.documents);
  for (const [name, bytes] of changes) {
    if (bytes === null) documents.delete(name);
    else documents.set(name, await writeDocument(fileSystem, folder, bytes));
  }
  await fileSystem.sync(`${folder}/documents`, 'folder');

  if (before.manifest.revision > 0) {
    await moveIntoPlace(
      fileSystem,
      folder,
      `${folder}/state.previous.json`,
      encodeManifest(before.manifest),
      true,
    );
  }
  // A revision that was lost to damage was somebody's: its number is not given again.
  const revision = before.manifest.revision + (before.damaged.length === 0 ? 1 : 2);
  const after = { revision, documents };
  await moveIntoPlace(fileSystem, folder, `${folder}/state.json`, encodeManifest(after), true);
  await fileSystem.sync(folder, 'folder');
  await removeUnnamed(fileSystem, folder, [before.manifest, after]);
  return revision;
}

function checkCount(before: Manifest, changes: ReadonlyMap<string, Uint8Array | null>): void {
  const names = new Set(before.documents.keys());
  for (const [name, bytes] of changes) {
    if (bytes === null) names.delete(name);
    else names.add(name);
  }
  if (names.size <= STORE_LIMITS.documents) return;
  throw fail('STORE_ARGUMENT', `state: ${names.size} documents, expected at most ${STORE_LIMITS.documents}`, {
    details: { documents: names.size, limit: STORE_LIMITS.documents },
  });
}

async function writeDocument(
  fileSystem: FileSystem,
  folder: string,
  bytes: Uint8Array,
): Promise<StoredDocument> {
  const document = { sha256: encodeHex(sha256(bytes)), length: bytes.length };
  await moveIntoPlace(fileSystem, folder, documentPath(folder, document.sha256), bytes, true);
  return document;
}

async function removeUnnamed(
  fileSystem: FileSystem,
  folder: string,
  manifests: readonly Manifest[],
): Promise<void> {
  const named = new Set(
    manifests.flatMap(({ documents }) => [...documents.values()].map(({ sha256: hash }) => hash)),
  );
  for (const name of await fileSystem.names(`${folder}/documents`)) {
    if (isSha256(name) && !named.has(name)) await fileSystem.remove(documentPath(folder, name));
  }
}

async function readManifest(fileSystem: FileSystem, path: string): Promise<Manifest | 'absent' | 'damaged'> {
  const bytes = await readFitting(fileSystem, path, STORE_LIMITS.manifestBytes);
  if (bytes === null) return 'absent';
  return (bytes === 'unfit' ? null : decodeManifest(bytes)) ?? 'damaged';
}

async function readDocument(
  fileSystem: FileSystem,
  folder: string,
  document: StoredDocument,
): Promise<Uint8Array | null> {
  const bytes = await readFitting(fileSystem, documentPath(folder, document.sha256), document.length);
  if (bytes === null || bytes === 'unfit') return null;
  return bytes.length === document.length && encodeHex(sha256(bytes)) === document.sha256 ? bytes : null;
}

/** `unfit`: a link, a folder or a longer file stands there. That is damage; a disk that cannot be read is not. */
async function readFitting(
  fileSystem: FileSystem,
  path: string,
  limit: number,
): Promise<Uint8Array | null | 'unfit'> {
  try {
    return await fileSystem.read(path, limit);
  } catch (error) {
    if (isTufError(error, 'STORE_NOT_A_FILE')) return 'unfit';
    throw error;
  }
}

function documentPath(folder: string, hash: string): string {
  return `${folder}/documents/${hash}`;
}
