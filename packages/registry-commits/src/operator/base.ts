// What an operator builds upon: the tip of the branch, verified as a client verifies it, from the operator's own kept root of
// trust. "All committers to the registry MUST verify the signature of parents to their commits", says the RFC.

import type { ObjectId } from '@cargo-tuf/git-object';
import { isTufError } from '@cargo-tuf/errors';
import { equalBytes } from '@cargo-tuf/keys';
import type { TomlTimestamp } from '@cargo-tuf/metadata';
import { fail } from '../errors.ts';
import { readRoot, readTimestamp } from '../files.ts';
import { REGISTRY_LIMITS } from '../limits.ts';
import { readCommit, readTag } from '../objects.ts';
import { acceptRotation, rotationTag } from '../rotations.ts';
import { parseState, ROOT_DOCUMENT, STATE_DOCUMENT } from '../state.ts';
import { acceptTip } from '../sync.ts';
import { verifyTip } from '../tip.ts';
import { openRoot, type TrustedRoot } from '../trusted-root.ts';
import type { OperatorContext, RefMove } from './context.ts';
import { assertOnlyMetadata } from './only-metadata.ts';

export interface Base {
  readonly commit: ObjectId;
  readonly tree: ObjectId;
  readonly trusted: TrustedRoot;
  readonly timestamp: TomlTimestamp;
  /** Where the branch stands. Another commit than the base when somebody made one by hand that lacks signatures. */
  readonly head: ObjectId;
}

/** Throws `REGISTRY_UNTRUSTED`, `REGISTRY_BRANCH`, and for a tip that is not good what `syncRegistry` throws. */
export async function openBase(context: OperatorContext, parent?: ObjectId): Promise<Base> {
  const head = await headOf(context);
  const commit = parent ?? head;
  await verifyParent(context, commit);
  const trusted = openRoot(await keptRoot(context), context);
  const { tree } = (await readCommit(context.repository, commit)).commit;
  const timestamp = await readTimestamp(context.repository, tree, `commit ${commit}`);
  return { commit, tree, trusted, timestamp, head };
}

/** Back to the base, where a commit made by hand stands on the branch and its further signatures take time. */
export function restoreBranch({ branch }: OperatorContext, base: Base): readonly RefMove[] {
  return base.head === base.commit ? [] : [{ name: branch, to: base.commit, from: base.head }];
}

export async function headOf({ repository, branch }: OperatorContext): Promise<ObjectId> {
  const head = await repository.ref(branch);
  if (head !== undefined) return head;
  throw fail('REGISTRY_BRANCH', `${branch}: not there, expected the branch of the index`, {
    details: { branch },
  });
}

/** What has expired since is still what the next commit replaces. All other rules hold, floors included. */
async function verifyParent(context: OperatorContext, commit: ObjectId): Promise<void> {
  const { repository: source, store, now, hashes, limits } = context;
  const anchor = await keptRoot(context);
  const terms = { now, hashes, mayBeExpired: true, ...(limits !== undefined && { limits }) };
  try {
    await acceptTip(commit, { ...terms, source, store, anchor });
  } catch (error) {
    if (!isTufError(error, 'REGISTRY_ROLE', 'REGISTRY_THRESHOLD')) throw error;
    if (!(await isRotation(context, commit))) throw error;
  }
}

/**
 * Whether the commit is that of the rotation which led to the trusted root: no tip that clients accept where root keys sign no
 * timestamps, as when custodians rotate with git alone, and yet what the next tip is put upon. Its parent was such a tip.
 */
async function isRotation(context: OperatorContext, id: ObjectId): Promise<boolean> {
  const { repository: source } = context;
  const trusted = openRoot(await keptRoot(context), context);
  const name = rotationTag(trusted.root.version);
  const tag = await source.ref(`refs/tags/${name}`);
  if (tag === undefined || (await readTag(source, tag)).tag.object !== id) return false;
  const { tree, parents } = (await readCommit(source, id)).commit;
  const parent = parents[0] as ObjectId;
  const before = await readRoot(source, (await readCommit(source, parent)).commit.tree);
  if (before === undefined) return false;
  const old = openRoot(before, context);
  const next = await acceptRotation(source, old, { name, id: tag }, context);
  if (!equalBytes(next.bytes, trusted.bytes)) return false;
  await assertOnlyMetadata(source, parent, tree);
  const state = (await context.store.read()).documents.get(STATE_DOCUMENT);
  const limits = { ...REGISTRY_LIMITS, ...context.limits };
  const floors = state === undefined ? undefined : parseState(state);
  await verifyTip({ ...context, source, trusted: old, before: floors, limits, mayBeExpired: true }, parent);
  return true;
}

export async function keptRoot({ store }: OperatorContext): Promise<Uint8Array> {
  const bytes = (await store.read()).documents.get(ROOT_DOCUMENT);
  if (bytes !== undefined) return bytes;
  throw fail('REGISTRY_UNTRUSTED', 'index: no root.toml is trusted here, expected one');
}
