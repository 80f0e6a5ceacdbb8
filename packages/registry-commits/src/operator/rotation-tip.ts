// The tip that brings a rotation to the branch, once its commit and tag have all their signatures.

import { type ObjectId, parseCommit } from '@cargo-tuf/git-object';
import { readTimestamp, ROOT, TIMESTAMP } from '../files.ts';
import { readCommit } from '../objects.ts';
import { keysOf } from '../signatures.ts';
import { roleOf, type TrustedRoot } from '../trusted-root.ts';
import type { Base } from './base.ts';
import { buildCommit, changeTree } from './build-commit.ts';
import type { OperatorContext } from './context.ts';
import type { Draft } from './draft.ts';
import { moveProposals, type Proposals } from './proposals.ts';
import { proposeRotation, removeTag } from './propose-rotation.ts';
import { publishDraft } from './publish.ts';
import { type Outcome, settleTip } from './settle.ts';
import { matchSigners, missingOf } from './signing-keys.ts';
import { assertStep } from './step.ts';
import { raiseTimestamp } from './timestamp.ts';

export interface Rotation {
  readonly draft: Draft;
  readonly bytes: Uint8Array;
  readonly tagBytes: Uint8Array | undefined;
  /** The proposals that this continues. */
  readonly before: Partial<Proposals>;
}

export interface SignedRotation extends Rotation {
  readonly next: TrustedRoot;
  readonly name: string;
  readonly signed: { readonly rotation: ObjectId; readonly rotationTag: ObjectId };
  /** Key ids of those who signed the commit. */
  readonly signers: readonly string[];
}

/** The commit of the rotation itself where timestamp keys signed it, else a tip that they sign. */
export async function publishRotation(
  context: OperatorContext,
  base: Base,
  rotation: SignedRotation,
): Promise<Outcome> {
  const { draft, next, name, signed, signers, before } = rotation;
  const tag = { name, id: signed.rotationTag };
  const { parents } = parseCommit(rotation.bytes, draft.format);
  const isOnTip = parents[0] === base.commit;
  const role = roleOf(next, 'timestamp');
  const rotationProposals = { rotation: before.rotation, rotationTag: before.rotationTag };
  if (isOnTip && missingOf('commit', [{ name: 'timestamp', role }], signers).length === 0) {
    const moves = moveProposals(rotationProposals, {});
    const registry = await publishDraft(context, draft, {
      tip: signed.rotation,
      from: base.head,
      tag,
      moves,
    });
    return { kind: 'published', registry, tag: name };
  }
  const timestampKeys = new Map(keysOf(next.keyring, role).map(each => [each.keyId, each]));
  if (matchSigners(context.signers, timestampKeys).length === 0) {
    const missing = missingOf('tip', [{ name: 'timestamp', role }], []);
    return proposeRotation(context, base, draft, before, {
      ...signed,
      missing,
      isNew: isNewTo(before, signed),
    });
  }
  const own = await ownTip(context, base, before.tip, signed.rotation);
  const bytes =
    own ??
    (await buildTip(
      context,
      base,
      draft,
      next,
      isOnTip ? [signed.rotation] : [base.commit, signed.rotation],
    ));
  return settleTip(context, base, {
    draft,
    bytes,
    trusted: next,
    tag,
    proposal: own === undefined ? undefined : before.tip,
    done: rotationProposals,
    waiting: [...moveProposals(rotationProposals, signed), ...(await removeTag(context, base))],
  });
}

function isNewTo(before: Partial<Proposals>, signed: SignedRotation['signed']): boolean {
  return before.rotation !== signed.rotation || before.rotationTag !== signed.rotationTag;
}

/** A tip that was proposed for this very rotation, and on the tip of now. */
async function ownTip(
  context: OperatorContext,
  base: Base,
  proposed: ObjectId | undefined,
  rotation: ObjectId,
): Promise<Uint8Array | undefined> {
  if (proposed === undefined) return undefined;
  const { bytes } = await context.repository.read(proposed);
  const { parents, tree } = parseCommit(bytes, context.repository.format);
  const isOwn = parents.at(-1) === rotation && (parents.length === 1 || parents[0] === base.commit);
  if (!isOwn) return undefined;
  await assertStep(context.repository, 'proposal', tree, base.timestamp.version + 2);
  return bytes;
}

async function buildTip(
  context: OperatorContext,
  base: Base,
  draft: Draft,
  next: TrustedRoot,
  parents: readonly ObjectId[],
): Promise<Uint8Array> {
  const { tree: rotated } = (await readCommit(draft, parents.at(-1) as ObjectId)).commit;
  const { version } = await readTimestamp(draft, rotated, 'rotation');
  const files = new Map([
    [ROOT, next.bytes],
    [TIMESTAMP, raiseTimestamp(base.timestamp, context.expires, version)],
  ]);
  const tree = await changeTree(draft, base.tree, files);
  const message = `Adopt root.toml version ${next.root.version}\n`;
  return buildCommit(context, { tree, parents, message });
}
