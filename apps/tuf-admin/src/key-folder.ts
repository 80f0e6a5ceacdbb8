// keys/<role>-<number>.pem: private keys, one a file. A role's keys can be kept elsewhere and be put here when the role
// signs; only the three online roles sign every day.

import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { parseSpki, type PublicKey, type Scheme, type Signer } from '@cargo-tuf/keys';
import { ROLE_NAMES, type RoleName } from '@cargo-tuf/repository';
import { createFileSigner, openFileSigner } from '@cargo-tuf/signers';
import type { Context } from './context.ts';
import { about } from './errors.ts';
import { isFolder, readExistingFile, syncPath } from './local-file.ts';
import { resolvePath } from './passphrase.ts';

export interface KeyFile {
  readonly role: string;
  readonly number: number;
  readonly path: string;
}

export interface OpenKey {
  readonly file: KeyFile;
  readonly signer: Signer;
}

/** The key files of a role, by number. */
async function listKeys(folder: string, role: string): Promise<readonly KeyFile[]> {
  if (!isFolder(folder)) return [];
  const files: KeyFile[] = [];
  for (const name of await readdir(folder)) {
    const match = /^([a-z]+)-([1-9][0-9]{0,4})\.pem$/.exec(name);
    if (match?.[1] === role) files.push({ role, number: Number(match[2]), path: `${folder}/${name}` });
  }
  return files.sort((one, other) => one.number - other.number);
}

export async function openKeys(
  folder: string,
  role: string,
  passphrase: string | undefined,
): Promise<readonly OpenKey[]> {
  const keys: OpenKey[] = [];
  for (const file of await listKeys(folder, role))
    keys.push({ file, signer: await openKeyFile(file.path, passphrase) });
  return keys;
}

/**
 * Makes keys with the numbers after those that are there, from `first` on where it is given: keys that were carried off have numbers
 * as well. Without a passphrase they are not encrypted.
 */
export async function createKeys(
  folder: string,
  role: string,
  count: number,
  options: { readonly scheme: Scheme; readonly passphrase: string | undefined; readonly first?: number },
): Promise<readonly OpenKey[]> {
  if (!isFolder(folder)) await mkdir(folder, { mode: 0o700 });
  const retired = await listKeys(`${folder}/${RETIRED}`, role);
  const last = Math.max(
    (options.first ?? 1) - 1,
    ...[...(await listKeys(folder, role)), ...retired].map(file => file.number),
  );
  const { scheme, passphrase } = options;
  const keys: OpenKey[] = [];
  for (let number = last + 1; number <= last + count; number++) {
    const path = `${folder}/${role}-${number}.pem`;
    const signer = await createFileSigner(path, scheme, passphrase === undefined ? {} : { passphrase });
    keys.push({ file: { role, number, path }, signer });
  }
  return keys;
}

/** Puts keys aside that sign nothing any more. */
export async function retireKeys(folder: string, files: readonly KeyFile[]): Promise<void> {
  if (files.length === 0) return;
  if (!isFolder(`${folder}/${RETIRED}`)) await mkdir(`${folder}/${RETIRED}`, { mode: 0o700 });
  for (const { path, role, number } of files)
    await rename(path, `${folder}/${RETIRED}/${role}-${number}.pem`);
  await syncPath(`${folder}/${RETIRED}`);
  await syncPath(folder);
}

export function isRoleName(text: string): text is RoleName {
  return ROLE_NAMES.some(role => role === text);
}

const RETIRED = 'retired';

/** One passphrase opens all keys; those that were made without one need none. */
export async function openKeyFile(path: string, passphrase: string | undefined): Promise<Signer> {
  if (passphrase === undefined) return openFileSigner(path);
  try {
    return await openFileSigner(path, { passphrase });
  } catch (error) {
    if (!isTufError(error, 'SIGNER_PASSPHRASE_UNUSED')) throw error;
    return openFileSigner(path);
  }
}

/** A public key in a file, as PEM. */
export async function readPublicKey(context: Context, file: string): Promise<PublicKey> {
  const path = resolvePath(context, file);
  const bytes = readExistingFile(path, 16_384);
  return about(escapeText(path), () => parseSpki(new TextDecoder().decode(bytes)));
}

/** Removes the keys of a change that was refused before anything was written: they sign nothing, ever. Throws `error` again. */
export async function discardUnused(keys: readonly OpenKey[], error: unknown): Promise<never> {
  if (isTufError(error) && REFUSED_BEFORE.includes(error.code))
    for (const { file } of keys) await unlink(file.path);
  throw error;
}

const REFUSED_BEFORE: readonly string[] = [
  'REPOSITORY_KEYS',
  'REPOSITORY_KEY_REUSED',
  'REPOSITORY_POLICY',
  'REPOSITORY_EXPIRED',
  'ADMIN_FILE',
];
