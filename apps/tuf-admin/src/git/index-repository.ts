// The repository of an index, bare or with a working tree, and the operator's own trust beside it. When the branch of the index
// is checked out, the files follow each commit; a run that ended between the two is caught up with by the next one:
// `refs/tuf/work-tree` says where the files still are.

import { openFolderStore } from '@cargo-tuf/folder-store';
import type { ObjectId } from '@cargo-tuf/git-object';
import { type GitRepository, openGitRepository, type WorkTree } from '@cargo-tuf/git-transport';
import type { Certificate } from '@cargo-tuf/openpgp';
import {
  knownCertificates,
  type OperatorContext,
  type RegistryRepository,
} from '@cargo-tuf/registry-commits';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';
import { resolvePath } from '../passphrase.ts';
import { type IndexOptions, parseDuration, type SigningOptions } from './options.ts';
import { authorOf, openSigners } from './signers.ts';

export interface OpenIndex {
  readonly git: GitRepository;
  readonly operator: OperatorContext;
}

/** For commands that change nothing. */
export function readIndex<T>(
  context: Context,
  path: string,
  options: IndexOptions,
  work: (index: OpenIndex) => Promise<T>,
): Promise<T> {
  return withIndex(context, path, options, work);
}

/** For commands that sign: nobody else on this machine changes the index meanwhile, and the working tree is clean. */
export function changeIndexRepository<T>(
  context: Context,
  path: string,
  options: SigningOptions,
  given: readonly Certificate[],
  work: (index: OpenIndex) => Promise<T>,
): Promise<T> {
  return withIndex(context, path, options, async ({ git, operator }) => {
    const files = await filesOf(git, operator.branch);
    if (files !== undefined) await catchUp(git, files, operator.branch);
    const certificates = [...given, ...(await knownCertificates(operator))];
    const signers = await openSigners(context, options, certificates);
    const period = parseDuration('--period', options.period);
    return work({
      git,
      operator: {
        ...operator,
        repository: files === undefined ? git : withFiles(git, files, operator.branch),
        signers,
        author: authorOf(options.author, signers, certificates),
        expires: operator.now + period,
      },
    });
  });
}

async function withIndex<T>(
  context: Context,
  path: string,
  options: IndexOptions,
  work: (index: OpenIndex) => Promise<T>,
): Promise<T> {
  const git = await openGitRepository(resolvePath(context, path), {
    environment: context.env,
    protocols: ['https', 'http', 'file'],
  });
  try {
    const store = await openFolderStore(`${git.folder}/tuf`);
    const now = context.clock();
    const operator: OperatorContext = {
      repository: git,
      store,
      branch: await branchOf(git, options.branch),
      signers: [],
      author: { name: 'tuf-admin', email: 'tuf-admin@localhost' },
      now,
      expires: now,
    };
    return await store.exclusive(held => work({ git, operator: { ...operator, store: held } }));
  } finally {
    git.close();
  }
}

async function branchOf(git: GitRepository, given: string | undefined): Promise<string> {
  if (given !== undefined) return given.startsWith('refs/') ? given : `refs/heads/${given}`;
  const head = await git.head();
  if (head !== undefined) return head;
  throw fail('ADMIN_USAGE', 'HEAD: stands for no branch, expected --branch NAME');
}

/** The working tree, where it is of the branch. */
async function filesOf(git: GitRepository, branch: string): Promise<WorkTree | undefined> {
  return git.workTree !== undefined && (await git.head()) === branch ? git.workTree : undefined;
}

const LEFT_AT = 'refs/tuf/work-tree';

async function catchUp(git: GitRepository, files: WorkTree, branch: string): Promise<void> {
  const tip = await git.ref(branch);
  const leftAt = await git.ref(LEFT_AT);
  if (leftAt !== undefined && tip !== undefined) {
    if (await files.isAt(leftAt)) await files.move(leftAt, tip);
    if (await files.isAt(tip)) await git.updateRef(LEFT_AT, null, leftAt);
  }
  if (await files.isAt(tip)) return;
  throw fail('ADMIN_GIT_DIRTY', 'working tree: differs from the branch, expected no changes', {
    details: { branch },
  });
}

function withFiles(git: GitRepository, files: WorkTree, branch: string): RegistryRepository {
  return {
    format: git.format,
    read: id => git.read(id),
    ref: name => git.ref(name),
    writeAll: objects => git.writeAll(objects),
    updateRefs: async moves => {
      const move = moves.find(({ name }) => name === branch);
      if (move === undefined || move.to === null) return git.updateRefs(moves);
      const from = move.from ?? undefined;
      await files.assertMovable(from, move.to);
      await git.updateRefs([...moves, ...markOf(from)]);
      await files.move(from, move.to);
      if (from !== undefined) await git.updateRef(LEFT_AT, null, from);
    },
  };
}

function markOf(from: ObjectId | undefined) {
  return from === undefined ? [] : [{ name: LEFT_AT, to: from, from: null }];
}
