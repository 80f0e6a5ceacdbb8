// A rotation that lacks signatures, put where others find it.

import type { ObjectId } from '@cargo-tuf/git-object';
import { rotationTag } from '../rotations.ts';
import { type Base, restoreBranch } from './base.ts';
import type { OperatorContext, RefMove } from './context.ts';
import type { Draft } from './draft.ts';
import { moveProposals, type Proposals } from './proposals.ts';
import { noKey, type Outcome } from './settle.ts';
import type { Missing } from './signing-keys.ts';

export interface RotationProposal {
  readonly rotation: ObjectId;
  readonly rotationTag?: ObjectId;
  readonly missing: readonly Missing[];
  /** Whether this run added a signature. */
  readonly isNew: boolean;
}

export async function proposeRotation(
  context: OperatorContext,
  base: Base,
  draft: Draft,
  before: Partial<Proposals>,
  { rotation, rotationTag: tag, missing, isNew }: RotationProposal,
): Promise<Outcome> {
  if (!isNew) {
    const [first] = missing;
    throw noKey(first?.role ?? '', first?.keyIds ?? []);
  }
  await context.repository.writeAll(draft.objects);
  const from = { rotation: before.rotation, rotationTag: before.rotationTag };
  await context.repository.updateRefs([
    ...moveProposals(from, { rotation, rotationTag: tag }),
    ...restoreBranch(context, base),
    ...(await removeTag(context, base)),
  ]);
  return { kind: 'proposed', commit: rotation, tag, missing };
}

/** A tag of the next version that was made by hand: clients would refuse the index for it. */
export async function removeTag(
  { repository }: OperatorContext,
  { trusted }: Base,
): Promise<readonly RefMove[]> {
  const name = `refs/tags/${rotationTag(trusted.root.version + 1)}`;
  const from = await repository.ref(name);
  return from === undefined ? [] : [{ name, to: null, from }];
}
