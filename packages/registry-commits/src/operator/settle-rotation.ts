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
import { readRoot, readTimestamp, ROOT, TIMESTAMP } from '../files.ts';
import { readCommit } from '../objects.ts';
import { assertParent, assertSuccessor, rotationTag } from '../rotations.ts';
import { keysOf } from '../signatures.ts';
import { openRoot, roleOf, type TrustedRoot } from '../trusted-root.ts';
import type { Base } from './base.ts';
import { buildCommit, buildTag, changeTree } from './build-commit.ts';
import type { OperatorContext } from './context.ts';
import type { Draft } from './draft.ts';
import { assertOnlyMetadata } from './only-metadata.ts';
import { moveProposals, type Proposals } from './proposals.ts';
import { publishDraft } from './publish.ts';
import { noKey, type Outcome, settleTip } from './settle.ts';
import { signersOf, signObject } from './sign-object.ts';
import { chooseKeys, matchSigners, type Missing, missingOf, type Need } from './signing-keys.ts';
import { assertStep } from './step.ts';
import { raiseTimestamp } from './timestamp.ts';

export interface Rotation {
  readonly draft: Draft;
  readonly bytes: Uint8Array;
  readonly tagBytes: Uint8Array | undefined;
  /** The proposals that this continues. */
  readonly before: Partial<Proposals>;
}

export async function settleRotation(
  context: OperatorContext,
  base: Base,
  rotation: Rotation,
): Promise<Outcome> {
  const { draft, before } = rotation;
  const next = await nextRootOf(context, base, draft, rotation.bytes);
  const plan = planOf(base.trusted, next);
  const commit = await sign(context, plan, 'commit', rotation.bytes);
  const commitId = draft.put('commit', commit.bytes);
  if (commit.missing.length > 0)
    return propose(context, draft, before, {
      rotation: commitId,
      missing: commit.missing,
      isNew: commit.isNew,
    });

  const name = rotationTag(next.root.version);
  const found = rotation.tagBytes;
  const isOfCommit = found !== undefined && isTagOf(found, name, commitId, draft);
  const tag = await sign(context, plan, 'tag', isOfCommit ? found : buildTag(context, name, commitId));
  const tagId = draft.put('tag', tag.bytes);
  const signed = { rotation: commitId, rotationTag: tagId };
  if (tag.missing.length > 0)
    return propose(context, draft, before, {
      ...signed,
      missing: tag.missing,
      isNew: commit.isNew || tag.isNew,
    });
  return publishTip(context, base, { ...rotation, next, name, signed, signers: commit.signers });
}

interface Signed {
  readonly next: TrustedRoot;
  readonly name: string;
  readonly signed: { readonly rotation: ObjectId; readonly rotationTag: ObjectId };
  readonly signers: readonly string[];
}

/** Step 3. */
async function publishTip(
  context: OperatorContext,
  base: Base,
  rotation: Rotation & Signed,
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
    return propose(context, draft, before, { ...signed, missing, isNew: isNewTo(before, signed) });
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
    waiting: moveProposals(rotationProposals, signed),
  });
}

function isNewTo(before: Partial<Proposals>, signed: Signed['signed']): boolean {
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

interface Plan {
  readonly needs: readonly Need[];
  readonly keyring: TrustedRoot['keyring'];
  readonly preferred: readonly string[];
}

function planOf(old: TrustedRoot, next: TrustedRoot): Plan {
  const needs = [
    { name: 'root, before', role: roleOf(old, 'root') },
    { name: 'root, after', role: roleOf(next, 'root') },
  ];
  const all = new Map([...old.keyring, ...next.keyring]);
  const roles = [...needs.map(({ role }) => role), roleOf(old, 'timestamp'), roleOf(next, 'timestamp')];
  const keyring = new Map(keysOf(all, ...roles).map(each => [each.keyId, each]));
  return { needs, keyring, preferred: roleOf(next, 'timestamp').keyIds };
}

interface SignedPart {
  readonly bytes: Uint8Array;
  readonly signers: readonly string[];
  readonly missing: readonly Missing[];
  readonly isNew: boolean;
}

async function sign(
  context: OperatorContext,
  { needs, keyring, preferred }: Plan,
  type: 'commit' | 'tag',
  bytes: Uint8Array,
): Promise<SignedPart> {
  const before = signersOf(context, type, bytes, [...keyring.values()]);
  const options = { isLinked: type === 'commit', preferred };
  const keys = chooseKeys(needs, matchSigners(context.signers, keyring), before, options);
  const signers = [...before, ...keys.map(({ certificate }) => certificate.keyId)];
  const isLinked =
    type === 'tag' || signers.some(keyId => needs.every(({ role }) => role.keyIds.includes(keyId)));
  const missing = missingOf(type, needs, signers);
  const link = needs[1] as Need;
  const all = isLinked || missing.length > 0 ? missing : [missingLink(type, link, needs)];
  return {
    bytes: await signObject(context, type, bytes, keys),
    signers,
    missing: all,
    isNew: keys.length > 0,
  };
}

/** Enough signatures, and none by a key of both roots. */
function missingLink(subject: string, { role }: Need, needs: readonly Need[]): Missing {
  const keyIds = role.keyIds.filter(keyId => needs.every(need => need.role.keyIds.includes(keyId)));
  return { subject, role: 'root, before and after', have: 0, need: 1, keyIds };
}

interface RotationProposal {
  readonly rotation: ObjectId;
  readonly rotationTag?: ObjectId;
  readonly missing: readonly Missing[];
  /** Whether this run added a signature. */
  readonly isNew: boolean;
}

async function propose(
  context: OperatorContext,
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
  await context.repository.updateRefs(moveProposals(from, { rotation, rotationTag: tag }));
  return { kind: 'proposed', commit: rotation, tag, missing };
}

/** A commit that got a signature more is another commit, and its tag is made anew. */
function isTagOf(bytes: Uint8Array, name: string, commit: ObjectId, { format }: Draft): boolean {
  const tag = parseTag(bytes, format);
  return tag.name === name && tag.object === commit && tag.type === 'commit';
}
