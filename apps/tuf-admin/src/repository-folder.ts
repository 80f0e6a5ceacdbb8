// A repository's folder.
//
//   public/        what is served (docs/pouf.md section 1)
//   keys/          private keys (key-folder.ts)
//   policy.toml    thresholds and periods (policy-file.ts)
//   state/         the lock, and what our own client accepted last (rehearsal.ts)
//   temporary/     files that are not published yet

import { escapeText, isTufError } from '@cargo-tuf/errors';
import { type FolderStore, openFolderStore } from '@cargo-tuf/folder-store';
import type { Signer } from '@cargo-tuf/keys';
import { formatTime } from '@cargo-tuf/metadata';
import {
  ONLINE_ROLES,
  type Policy,
  type PrunableBytes,
  type PublishedState,
  type PublisherContext,
  readState,
  type RoleName,
} from '@cargo-tuf/repository';
import { type Context, say } from './context.ts';
import { fail } from './errors.ts';
import { type OpenKey, openKeys } from './key-folder.ts';
import { isFolder } from './local-file.ts';
import { type PassphraseOptions, readPassphrase, resolvePath } from './passphrase.ts';
import { readPolicyFile } from './policy-file.ts';
import { clearTemporary, openPublishedFolder, type PublishedFiles } from './published-folder.ts';
import { rehearsing } from './rehearsal.ts';

export interface RepositoryFolder {
  readonly folder: string;
  readonly publicFolder: string;
  readonly keysFolder: string;
  readonly bytes: PublishedFiles & PrunableBytes;
  readonly store: FolderStore;
}

/** A repository that is about to change: nobody else changes it meanwhile. */
export interface Publisher {
  readonly repository: RepositoryFolder;
  readonly publisher: PublisherContext;
  readonly state: PublishedState;
  /** The open keys of the roles that were asked for. */
  readonly keys: ReadonlyMap<RoleName, readonly OpenKey[]>;
}

export interface ChangeOptions extends PassphraseOptions {
  /** Roles whose keys must be at hand, in addition to the online roles. */
  readonly roles?: readonly RoleName[];
  /** Keys that an earlier change opened, and that this one adds to: opening one takes a while. */
  readonly opened?: Map<RoleName, readonly OpenKey[]>;
}

/** The folder that `init` made, and what it publishes, for commands that change nothing. */
export async function openForReading(
  context: Context,
  path: string,
): Promise<Pick<RepositoryFolder, 'folder' | 'publicFolder' | 'bytes'>> {
  const folder = await existingFolder(context, path);
  const publicFolder = `${folder}/public`;
  const bytes = openPublishedFolder({
    folder: publicFolder,
    temporary: publicFolder,
    exclusive: work => work(),
  });
  return { folder, publicFolder, bytes };
}

/** Opens the folder of a repository, with its lock. */
export async function openRepositoryFolder(folder: string): Promise<RepositoryFolder> {
  return folderOver(folder, await openFolderStore(`${folder}/state`));
}

function folderOver(folder: string, store: FolderStore): RepositoryFolder {
  const publicFolder = `${folder}/public`;
  const bytes = openPublishedFolder({
    folder: publicFolder,
    temporary: `${folder}/temporary`,
    exclusive: work => store.exclusive(() => work()),
  });
  return { folder, publicFolder, keysFolder: `${folder}/keys`, bytes, store };
}

/** Runs work under the repository's lock, without any key. */
export async function lockRepository<T>(
  context: Context,
  path: string,
  work: (repository: RepositoryFolder) => Promise<T>,
): Promise<T> {
  return locked(await openRepositoryFolder(await existingFolder(context, path)), work);
}

/** Runs a change under the repository's lock, with the keys that it needs. */
export async function changeRepository<T>(
  context: Context,
  path: string,
  options: ChangeOptions,
  work: (publisher: Publisher) => Promise<T>,
): Promise<T> {
  const unlocked = await openRepositoryFolder(await existingFolder(context, path));
  const policy = await readPolicyFile(`${unlocked.folder}/policy.toml`);
  const { opened = new Map<RoleName, readonly OpenKey[]>() } = options;
  const passphrase = await readPassphrase(context, options);
  return locked(unlocked, async repository => {
    const state = await readState(repository.bytes, []);
    const keys = new Map<RoleName, readonly OpenKey[]>();
    for (const role of new Set([...ONLINE_ROLES, ...(options.roles ?? [])])) {
      keys.set(role, opened.get(role) ?? (await openKeys(repository.keysFolder, role, passphrase)));
    }
    for (const role of dueRoles(state, policy, context.clock())) {
      if (keys.has(role)) continue;
      keys.set(
        role,
        await openDueKeys(context, repository.keysFolder, role, passphrase, state[role].value.expires),
      );
    }
    for (const role of ONLINE_ROLES) opened.set(role, keys.get(role) ?? []);
    return work({ repository, state, keys, publisher: publisherContext(context, repository, policy, keys) });
  });
}

/** Runs work while nobody else changes the repository: through the folder that it gets. */
export function locked<T>(
  { store, folder }: RepositoryFolder,
  work: (held: RepositoryFolder) => Promise<T>,
): Promise<T> {
  return store.exclusive(async held => {
    await clearTemporary(`${folder}/temporary`);
    return work(folderOver(folder, held));
  });
}

export async function existingFolder(context: Context, path: string): Promise<string> {
  const folder = resolvePath(context, path);
  if (isFolder(folder) && isFolder(`${folder}/public`)) return folder;
  throw fail('ADMIN_NO_REPOSITORY', `${escapeText(folder)}: is not the folder of a repository`);
}

export function publisherContext(
  context: Context,
  repository: RepositoryFolder,
  policy: Policy,
  keys: ReadonlyMap<RoleName, readonly OpenKey[]>,
): PublisherContext {
  const signers = new Map<RoleName, readonly Signer[]>();
  for (const [role, open] of keys)
    signers.set(
      role,
      open.map(key => key.signer),
    );
  const bytes = rehearsing(repository.bytes, repository.store, context.clock);
  return { bytes, signers, policy, clock: context.clock };
}

/** Offline roles that a publish signs again when their keys are at hand: half of their period is over. */
function dueRoles(state: PublishedState, policy: Policy, now: number): readonly ('targets' | 'claims')[] {
  return (['targets', 'claims'] as const).filter(
    role => state[role].value.expires - now < policy[role].period / 2,
  );
}

/** Offline keys may have another passphrase, or be elsewhere. That is no error as long as the role is good. */
export async function openDueKeys(
  context: Context,
  folder: string,
  role: string,
  passphrase: string | undefined,
  expires: number,
): Promise<readonly OpenKey[]> {
  try {
    const keys = await openKeys(folder, role, passphrase);
    if (keys.length === 0)
      say(context, `${role}: expires ${formatTime(expires)}; its keys are not in ${folder}`);
    return keys;
  } catch (error) {
    if (!isTufError(error, 'SIGNER_PASSPHRASE_WRONG', 'SIGNER_PASSPHRASE_MISSING')) throw error;
    say(
      context,
      `${role}: expires ${formatTime(expires)}; its keys have another passphrase: give it to sign the role again`,
    );
    return [];
  }
}
