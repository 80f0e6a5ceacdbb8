// The history behind a tip, which clients never look at: they verify the tip alone, so each of its makers vouches for all
// parents. An auditor walks down the first parents to where signing began, or to a squash:
//
//   1. Each commit is signed by the timestamp role of the root.toml in it; a rotation's, by root keys.
//   2. Each change of root.toml has its tag. The new root keys signed the commit whose parent has the old root.toml.
//   3. The versions of timestamp.toml rise.

import { isTufError } from '@cargo-tuf/errors';
import { equalBytes } from '@cargo-tuf/keys';
import type { ObjectId } from '@cargo-tuf/git-object';
import { fail } from '../errors.ts';
import { readRoot, readTimestamp } from '../files.ts';
import { readCommit, readTag, type SignedCommit } from '../objects.ts';
import { acceptRotation, rotationTag } from '../rotations.ts';
import { assertThreshold, verifyLastingSigners } from '../signatures.ts';
import { openRoot, roleOf, type TrustedRoot } from '../trusted-root.ts';
import { openBase } from './base.ts';
import type { OperatorContext } from './context.ts';

export interface Finding {
  readonly commit: ObjectId;
  readonly code: string;
  readonly message: string;
}

export interface Audit {
  /** Commits that were looked at. */
  readonly commits: number;
  /** Why it ended: a commit without parents, one before the index was signed, the limit, or a root that does not follow. */
  readonly end: 'first' | 'unsigned' | 'limit' | 'root';
  readonly findings: readonly Finding[];
}

/** The tip must be good, but for its age; what is wrong below it is found, all of it. */
export async function auditHistory(
  context: OperatorContext,
  { limit }: { readonly limit: number },
): Promise<Audit> {
  const base = await openBase(context);
  const findings: Finding[] = [];
  const source = context.repository;
  let id: ObjectId | undefined = base.commit;
  let root: TrustedRoot | undefined = base.trusted;
  let above = base.timestamp.version + 1;
  for (let commits = 0; ; commits += 1) {
    if (id === undefined) return { commits, end: 'first', findings };
    if (commits === limit) return { commits, end: 'limit', findings };
    const at: ObjectId = id;
    const found: SignedCommit = await readCommit(source, at);
    const bytes = await readRoot(source, found.commit.tree);
    if (bytes === undefined && found.commit.signature === undefined)
      return { commits, end: 'unsigned', findings };
    root = await note(findings, at, () => rootAt(context, root as TrustedRoot, bytes, at));
    if (root === undefined) return { commits: commits + 1, end: 'root', findings };
    const trusted: TrustedRoot = root;
    await note(findings, at, () => verifyCommit(context, trusted, at, found));
    const bound = above;
    above = (await note(findings, at, () => versionAt(context, found, at, bound))) ?? above;
    id = found.commit.parents[0];
  }
}

async function note<T>(
  findings: Finding[],
  commit: ObjectId,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isTufError(error)) throw error;
    findings.push({ commit, code: error.code, message: error.message });
    return undefined;
  }
}

/** Rule 2. */
async function rootAt(
  context: OperatorContext,
  above: TrustedRoot,
  bytes: Uint8Array | undefined,
  id: ObjectId,
): Promise<TrustedRoot> {
  if (bytes === undefined)
    throw fail('REGISTRY_SIGNATURE_WITHOUT_ROOT', `commit ${id}: no root.toml, expected one`);
  if (equalBytes(bytes, above.bytes)) return above;
  const old = openRoot(bytes, context);
  const name = rotationTag(above.root.version);
  const tag = await context.repository.ref(`refs/tags/${name}`);
  if (tag === undefined) {
    throw fail(
      'REGISTRY_ROTATION_MISSING',
      `commit ${id}: root.toml version ${old.root.version}, and no tag ${name}`,
      {
        details: { id, found: old.root.version, above: above.root.version },
      },
    );
  }
  const next = await acceptRotation(context.repository, old, { name, id: tag }, context);
  if (equalBytes(next.bytes, above.bytes)) return old;
  throw fail(
    'REGISTRY_EQUIVOCATION',
    `commit ${id}: tag ${name} leads to another root.toml than the trusted one`,
  );
}

/** Rule 1. */
async function verifyCommit(
  context: OperatorContext,
  root: TrustedRoot,
  id: ObjectId,
  { commit, payload }: SignedCommit,
): Promise<void> {
  if (commit.signature === undefined)
    throw fail('REGISTRY_UNSIGNED', `commit ${id}: not signed, expected a signature`, { details: { id } });
  if (await isTagged(context, root, id)) return;
  const certificates = [...root.keyring.values()];
  const signed = { payload, armor: commit.signature };
  const role = roleOf(root, 'timestamp');
  const signers = verifyLastingSigners(signed, certificates, certificates.length, context);
  assertThreshold(`commit ${id}`, role, signers);
}

/** A rotation's commit was verified with its tag. */
async function isTagged({ repository }: OperatorContext, root: TrustedRoot, id: ObjectId): Promise<boolean> {
  const tag = await repository.ref(`refs/tags/${rotationTag(root.root.version)}`);
  return tag !== undefined && (await readTag(repository, tag)).tag.object === id;
}

/** Rule 3. */
async function versionAt(
  { repository }: OperatorContext,
  { commit }: SignedCommit,
  id: ObjectId,
  above: number,
): Promise<number> {
  const { version } = await readTimestamp(repository, commit.tree, `commit ${id}`);
  if (version < above) return version;
  throw fail('REGISTRY_ROLLBACK', `commit ${id}: timestamp version ${version}, expected less than ${above}`, {
    details: { id, found: version, above },
  });
}
