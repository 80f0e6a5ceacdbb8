// The folder of a repository of releases: that of a registry (repository-folder.ts), with dist/ and rustup/ in public/, and
// keys of other roles in keys/.

import type { Signer } from '@cargo-tuf/keys';
import {
  holderOf,
  readReleases,
  RELEASE_HOLDERS,
  type ReleaseHolder,
  type ReleasesContext,
  type ReleasesPolicy,
  type ReleasesState,
} from '@cargo-tuf/repository';
import { collect, withKeyOptions } from '../arguments.ts';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type OpenKey, openKeyFile, openKeys } from '../key-folder.ts';
import { type PassphraseOptions, readPassphrase, resolvePath } from '../passphrase.ts';
import { rehearsing } from '../rehearsal.ts';
import {
  existingFolder,
  locked,
  openDueKeys,
  openRepositoryFolder,
  type RepositoryFolder,
} from '../repository-folder.ts';
import { readReleasesPolicy } from './policy-file.ts';

/** Releases that are about to change: nobody else changes them meanwhile. */
export interface ReleasesPublisher {
  readonly repository: RepositoryFolder;
  readonly publisher: ReleasesContext;
  readonly state: ReleasesState;
  /** The open keys in DIR/keys of the roles that were asked for. */
  readonly keys: ReadonlyMap<ReleaseHolder, readonly OpenKey[]>;
}

export interface ReleaseKeyOptions extends PassphraseOptions {
  readonly key: readonly string[];
}

/** Options that every command has that signs releases. */
export function withReleaseKeyOptions(command: Command): Command {
  return withKeyOptions(command).option(
    '--key <file>',
    'a private key that is not in DIR/keys, of whatever role lists it; can be repeated',
    collect,
    [],
  );
}

/** Runs a change under the repository's lock, with the keys of `holders` and of snapshot and timestamp. */
export async function changeReleases<T>(
  context: Context,
  path: string,
  options: ReleaseKeyOptions & { readonly holders: readonly ReleaseHolder[] },
  work: (publisher: ReleasesPublisher) => Promise<T>,
): Promise<T> {
  const unlocked = await openRepositoryFolder(await existingFolder(context, path));
  const policy = await readReleasesPolicy(`${unlocked.folder}/policy.toml`);
  const passphrase = await readPassphrase(context, options);
  const elsewhere: Signer[] = [];
  for (const file of options.key) elsewhere.push(await openKeyFile(resolvePath(context, file), passphrase));
  return locked(unlocked, async repository => {
    const state = await readReleases(repository.bytes);
    const keys = new Map<ReleaseHolder, readonly OpenKey[]>();
    for (const role of new Set<ReleaseHolder>(['snapshot', 'timestamp', ...options.holders]))
      keys.set(role, await openKeys(repository.keysFolder, role, passphrase));
    for (const [role, expires] of dueHolders(state, policy, context.clock())) {
      if (keys.has(role)) continue;
      keys.set(role, await openDueKeys(context, repository.keysFolder, role, passphrase, expires));
    }
    const publisher = releasesContext(context, repository, policy, keys, elsewhere);
    return work({ repository, state, keys, publisher });
  });
}

/** `elsewhere`: signers of whatever role lists their keys. */
export function releasesContext(
  context: Context,
  repository: RepositoryFolder,
  policy: ReleasesPolicy,
  keys: ReadonlyMap<ReleaseHolder, readonly OpenKey[]>,
  elsewhere: readonly Signer[],
): ReleasesContext {
  const of = (role: ReleaseHolder): readonly Signer[] => (keys.get(role) ?? []).map(key => key.signer);
  return {
    bytes: rehearsing(repository.bytes, repository.store, context.clock),
    signers: new Map(RELEASE_HOLDERS.map(role => [role, [...of(role), ...elsewhere]])),
    policy,
    clock: context.clock,
  };
}

/** Whose roles a change signs again when their keys are at hand: half of the period is over. */
function dueHolders(
  state: ReleasesState,
  policy: ReleasesPolicy,
  now: number,
): ReadonlyMap<ReleaseHolder, number> {
  const roles = [['targets', state.targets] as const, ...state.delegated];
  const due = roles.filter(([role, { value }]) => value.expires - now < policy[role].period / 2);
  return new Map(due.map(([role, { value }]) => [holderOf(role), value.expires]));
}
