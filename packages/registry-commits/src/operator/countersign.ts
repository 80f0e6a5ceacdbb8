// Further signatures: of what was proposed, or of a commit that somebody made by hand on the branch and that lacks some.

import { equalBytes } from '@cargo-tuf/keys';
import { type ObjectId, parseCommit } from '@cargo-tuf/git-object';
import { fail } from '../errors.ts';
import { readRoot } from '../files.ts';
import { rotationTag } from '../rotations.ts';
import { type Base, headOf, openBase } from './base.ts';
import type { OperatorContext } from './context.ts';
import { Draft } from './draft.ts';
import { isStale, type Proposals, readProposals } from './proposals.ts';
import { type Outcome, settleTip } from './settle.ts';
import { settleRotation } from './settle-rotation.ts';
import { assertStep } from './step.ts';

/**
 * Signs what waits under `id`, which the caller has looked at: a proposed rotation, its tag, a proposed tip, or the commit at
 * the branch. Throws `REGISTRY_NO_PROPOSAL` when something else waits.
 */
export async function countersign(context: OperatorContext, id: ObjectId): Promise<Outcome> {
  const proposals = await readProposals(context);
  if ([proposals.rotation, proposals.rotationTag].includes(id)) return signRotation(context, proposals);
  if (proposals.tip === id) return signTip(context, proposals, id);
  if ((await headOf(context)) === id) return signHead(context, id);
  throw fail('REGISTRY_NO_PROPOSAL', `${id}: nothing of this id waits for signatures`, {
    details: { id, found: Object.values(proposals).filter((each): each is ObjectId => each !== undefined) },
  });
}

async function signRotation(context: OperatorContext, before: Proposals): Promise<Outcome> {
  const base = await openBase(context);
  const { repository } = context;
  const { bytes } = await repository.read(before.rotation as ObjectId);
  const tagBytes = before.rotationTag && (await repository.read(before.rotationTag)).bytes;
  return settleRotation(context, base, { draft: new Draft(repository), bytes, tagBytes, before });
}

async function signTip(context: OperatorContext, proposals: Proposals, id: ObjectId): Promise<Outcome> {
  const base = await openBase(context);
  const { bytes } = await context.repository.read(id);
  if (!(await hasRootOf(context, base, bytes))) return signRotation(context, proposals);
  if (await isStale(context, base, id)) {
    throw fail('REGISTRY_PROPOSAL_STALE', `commit ${id}: the index has moved on since it was proposed`, {
      details: { id, tip: base.commit },
    });
  }
  await assertTipStep(context, base, bytes);
  return settleTip(context, base, { draft: new Draft(context.repository), bytes, proposal: id });
}

/** One on from the base, or from the commit of a rotation, which is one on from its own. */
async function assertTipStep({ repository }: OperatorContext, base: Base, bytes: Uint8Array): Promise<void> {
  const { tree } = parseCommit(bytes, repository.format);
  await assertStep(repository, 'proposal', tree, base.timestamp.version + 2);
}

/** Its first parent is what is built upon. A tag at it that lacks signatures is out of sight meanwhile. */
async function signHead(context: OperatorContext, head: ObjectId): Promise<Outcome> {
  const { repository } = context;
  const { bytes } = await repository.read(head);
  const [parent] = parseCommit(bytes, repository.format).parents;
  if (parent === undefined)
    throw fail('REGISTRY_NO_PROPOSAL', `commit ${head}: has no parent, expected one to build upon`);
  const base = await openBase({ ...context, repository: withoutTags(context) }, parent);
  const draft = new Draft(repository);
  if (await hasRootOf(context, base, bytes)) {
    await assertTipStep(context, base, bytes);
    return settleTip(context, base, { draft, bytes });
  }
  const tag = await repository.ref(`refs/tags/${rotationTag(base.trusted.root.version + 1)}`);
  const tagBytes = tag && (await repository.read(tag)).bytes;
  return settleRotation(context, base, { draft, bytes, tagBytes, before: {} });
}

function withoutTags({ repository }: OperatorContext): OperatorContext['repository'] {
  return {
    format: repository.format,
    read: id => repository.read(id),
    ref: async name => (name.startsWith('refs/tags/') ? undefined : repository.ref(name)),
    writeAll: objects => repository.writeAll(objects),
    updateRefs: moves => repository.updateRefs(moves),
  };
}

async function hasRootOf({ repository }: OperatorContext, base: Base, bytes: Uint8Array): Promise<boolean> {
  const { tree } = parseCommit(bytes, repository.format);
  const found = await readRoot(repository, tree);
  return found !== undefined && equalBytes(found, base.trusted.bytes);
}
