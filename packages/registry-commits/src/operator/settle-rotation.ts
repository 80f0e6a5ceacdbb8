// A rotation, as far as the keys at hand carry it:
//
//   1. The commit that changes root.toml, and timestamp.toml beside it and nothing else, gets signatures of the old root and
//      of the new, one of them by a key of both.
//   2. Its tag gets the same. The tag names the commit, whose id its signatures are part of: one after the other.
//   3. The branch gets a tip with the new root.toml: that commit itself where a threshold of timestamp keys signed it, or one on
//      top, where root keys sign no timestamps. If the branch moved on meanwhile, the tip joins both: a ceremony of a week
//      does not stop the publishing.
//
// The tag becomes public together with the tip: alone, it would have clients refuse the tip before.

import { type ObjectId, parseCommit, parseTag } from '@cargo-tuf/git-object';
import { fail } from '../errors.ts';
import { readRoot, readTimestamp, ROOT } from '../files.ts';
import { readCommit } from '../objects.ts';
import { assertParent, assertSuccessor, rotationTag } from '../rotations.ts';
import { openRoot, type TrustedRoot } from '../trusted-root.ts';
import type { Base } from './base.ts';
import { buildTag } from './build-commit.ts';
import type { OperatorContext } from './context.ts';
import type { Draft } from './draft.ts';
import { assertOnlyMetadata } from './only-metadata.ts';
import { proposeRotation } from './propose-rotation.ts';
import { publishRotation, type Rotation } from './rotation-tip.ts';
import type { Outcome } from './settle.ts';
import { planRotation, signPart } from './sign-rotation.ts';
import { assertStep } from './step.ts';

export async function settleRotation(
  context: OperatorContext,
  base: Base,
  rotation: Rotation,
): Promise<Outcome> {
  const { draft, before } = rotation;
  const next = await nextRootOf(context, base, draft, rotation.bytes);
  const plan = planRotation(base.trusted, next);
  const commit = await signPart(context, plan, 'commit', rotation.bytes);
  const commitId = draft.put('commit', commit.bytes);
  if (commit.missing.length > 0)
    return proposeRotation(context, base, draft, before, {
      rotation: commitId,
      missing: commit.missing,
      isNew: commit.isNew,
    });

  const name = rotationTag(next.root.version);
  const found = rotation.tagBytes;
  const isOfCommit = found !== undefined && isTagOf(found, name, commitId, draft);
  const tag = await signPart(context, plan, 'tag', isOfCommit ? found : buildTag(context, name, commitId));
  const tagId = draft.put('tag', tag.bytes);
  const signed = { rotation: commitId, rotationTag: tagId };
  if (tag.missing.length > 0)
    return proposeRotation(context, base, draft, before, {
      ...signed,
      missing: tag.missing,
      isNew: commit.isNew || tag.isNew,
    });
  return publishRotation(context, base, { ...rotation, next, name, signed, signers: commit.signers });
}

/** The root.toml of the commit, which follows the trusted one and is all that the commit brings. */
async function nextRootOf(
  context: OperatorContext,
  base: Base,
  draft: Draft,
  bytes: Uint8Array,
): Promise<TrustedRoot> {
  const { tree, parents } = parseCommit(bytes, draft.format);
  const rootBytes = await readRoot(draft, tree);
  if (rootBytes === undefined) throw fail('REGISTRY_FILE_MISSING', `rotation: no ${ROOT}, expected one`);
  const next = openRoot(rootBytes, context);
  const name = rotationTag(base.trusted.root.version + 1);
  assertSuccessor(name, base.trusted, next);
  await assertParent(draft, name, base.trusted, { tree, parents });
  const parent = parents[0] as ObjectId;
  await assertOnlyMetadata(draft, parent, tree);
  const { commit } = await readCommit(draft, parent);
  const { version } = await readTimestamp(draft, commit.tree, 'rotation');
  await assertStep(draft, 'rotation', tree, version + 1);
  return next;
}

/** A commit that got a signature more is another commit, and its tag is made anew. */
function isTagOf(bytes: Uint8Array, name: string, commit: ObjectId, { format }: Draft): boolean {
  const tag = parseTag(bytes, format);
  return tag.name === name && tag.object === commit && tag.type === 'commit';
}
