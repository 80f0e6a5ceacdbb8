// How trust in a root.toml moves on: by the tags root-rotation-v1-2, root-rotation-v1-3, … one after the other. For each:
//
//   1. The object that the ref leads to is a tag of that very name, at a commit: a tag shown under another name is a replay.
//   2. root.toml in that commit has the version of the name, one more than the trusted one, and the same repository id.
//   3. The tag is signed by the thresholds of the old root and of the new.
//   4. So is the commit, with one signer at least who is in both roots.
//   5. The commit's first parent has the trusted root.toml: no change came between.
//   6. The commit raises the version of timestamp.toml.
//
// Whether the commits lie in the history of the tip does not matter: a squash cuts them off, and the tags keep them.

import { equalBytes } from '@cargo-tuf/keys';
import type { ObjectId, Tag } from '@cargo-tuf/git-object';
import type { VerifiedSignature } from '@cargo-tuf/openpgp';
import { fail } from './errors.ts';
import { readRoot, readTimestamp, ROOT } from './files.ts';
import type { RegistryLimits } from './limits.ts';
import { readCommit, readTag } from './objects.ts';
import {
  assertThreshold,
  type Keyring,
  keysOf,
  type SignatureOptions,
  type SignedBytes,
  verifyLastingSigners,
} from './signatures.ts';
import type { RegistrySource } from './source.ts';
import { openRoot, roleOf, type TrustedRoot } from './trusted-root.ts';

const SPEC_VERSION = 1;

export function rotationTag(version: number): string {
  return `root-rotation-v${SPEC_VERSION}-${version}`;
}

/** The roots that the tags lead to, one after the other, the first of which is `from`. */
export async function followRotations(
  source: RegistrySource,
  from: TrustedRoot,
  limits: RegistryLimits,
  options: SignatureOptions,
): Promise<readonly [TrustedRoot, ...TrustedRoot[]]> {
  const roots: [TrustedRoot, ...TrustedRoot[]] = [from];
  for (let trusted = from; ; roots.push(trusted)) {
    const name = rotationTag(trusted.root.version + 1);
    const id = await source.ref(`refs/tags/${name}`);
    if (id === undefined) return roots;
    if (roots.length > limits.rotations) {
      throw fail('REGISTRY_ROTATIONS', `root.toml: more than ${limits.rotations} rotations in one update`, {
        details: { limit: limits.rotations, version: trusted.root.version },
      });
    }
    trusted = await acceptRotation(source, trusted, { name, id }, options);
  }
}

/** The root of a tag, one version on. */
export async function acceptRotation(
  source: RegistrySource,
  old: TrustedRoot,
  { name, id }: { readonly name: string; readonly id: ObjectId },
  options: SignatureOptions,
): Promise<TrustedRoot> {
  if ((await source.read(id)).type !== 'tag')
    throw fail('REGISTRY_ROTATION_TAG', `tag ${name}: not annotated, expected a signed tag`);
  const { tag, payload } = await readTag(source, id);
  assertTag(tag, name);
  const { commit, payload: covered } = await readCommit(source, tag.object);
  const bytes = await readRoot(source, commit.tree);
  if (bytes === undefined) throw fail('REGISTRY_FILE_MISSING', `tag ${name}: no ${ROOT}, expected one`);
  const next = openRoot(bytes, options);
  assertSuccessor(name, old, next);

  const keyring = new Map([...old.keyring, ...next.keyring]);
  assertBothRoots(`tag ${name}`, old, next, keyring, { payload, armor: tag.signature ?? '' }, options);
  if (commit.signature === undefined)
    throw fail('REGISTRY_ROTATION_COMMIT', `commit of tag ${name}: not signed, expected signatures`);
  const signers = assertBothRoots(
    `commit of tag ${name}`,
    old,
    next,
    keyring,
    { payload: covered, armor: commit.signature },
    options,
  );
  assertOverlap(name, old, next, signers);
  await assertParent(source, name, old, commit);
  return next;
}

/** Rule 1. */
function assertTag(tag: Tag, name: string): void {
  if (tag.name !== name) {
    throw fail('REGISTRY_ROTATION_NAME', `tag ${name}: its object is tag ${tag.name}, expected ${name}`, {
      details: { found: tag.name, expected: name },
    });
  }
  if (tag.type !== 'commit')
    throw fail('REGISTRY_ROTATION_TAG', `tag ${name}: of a ${tag.type}, expected a commit`);
  if (tag.signature === undefined)
    throw fail('REGISTRY_ROTATION_TAG', `tag ${name}: not signed, expected signatures`);
}

/** Rule 2. */
export function assertSuccessor(name: string, old: TrustedRoot, next: TrustedRoot): void {
  const expected = old.root.version + 1;
  if (next.root.version !== expected) {
    throw fail(
      'REGISTRY_ROTATION_VERSION',
      `tag ${name}: root version ${next.root.version}, expected ${expected}`,
      {
        details: { found: next.root.version, expected },
      },
    );
  }
  assertRepository(`tag ${name}`, next.root.repository, old.root.repository);
}

export function assertRepository(
  subject: string,
  found: string | undefined,
  expected: string | undefined,
): void {
  if (found === expected) return;
  throw fail(
    'REGISTRY_REPOSITORY',
    `${subject}: repository ${found ?? 'not named'}, expected ${expected ?? 'none'}`,
    {
      details: { found: found ?? null, expected: expected ?? null },
    },
  );
}

/** Rules 3 and 4. The commit may carry signatures of timestamp keys as well: it was the tip. */
function assertBothRoots(
  subject: string,
  old: TrustedRoot,
  next: TrustedRoot,
  keyring: Keyring,
  signed: SignedBytes,
  options: SignatureOptions,
): readonly VerifiedSignature[] {
  const roles = [roleOf(old, 'root'), roleOf(next, 'root')] as const;
  const others = [roleOf(old, 'timestamp'), roleOf(next, 'timestamp')];
  const certificates = keysOf(keyring, ...roles, ...others);
  const signers = verifyLastingSigners(signed, certificates, certificates.length, options);
  const code = subject.startsWith('tag') ? 'REGISTRY_ROTATION_SIGNERS' : 'REGISTRY_ROTATION_COMMIT';
  assertThreshold(`${subject}: old root`, roles[0], signers, code);
  assertThreshold(`${subject}: new root`, roles[1], signers, code);
  return signers;
}

/** "signed using a key which is authorized to sign for the root role both before and after", says the RFC. */
function assertOverlap(
  name: string,
  old: TrustedRoot,
  next: TrustedRoot,
  signers: readonly VerifiedSignature[],
): void {
  const [before, after] = [roleOf(old, 'root').keyIds, roleOf(next, 'root').keyIds];
  if (signers.some(({ certificate: { keyId } }) => before.includes(keyId) && after.includes(keyId))) return;
  throw fail(
    'REGISTRY_ROTATION_COMMIT',
    `commit of tag ${name}: signed by no key of both roots, expected one`,
    {
      details: { signers: signers.map(({ certificate }) => certificate.keyId), before, after },
    },
  );
}

/** Rules 5 and 6. */
export async function assertParent(
  source: RegistrySource,
  name: string,
  old: TrustedRoot,
  commit: { readonly tree: ObjectId; readonly parents: readonly ObjectId[] },
): Promise<void> {
  const subject = `commit of tag ${name}`;
  const [first] = commit.parents;
  if (first === undefined) throw fail('REGISTRY_ROTATION_PARENT', `${subject}: no parent, expected one`);
  const { commit: parent } = await readCommit(source, first);
  const bytes = await readRoot(source, parent.tree);
  if (bytes === undefined || !equalBytes(bytes, old.bytes)) {
    throw fail(
      'REGISTRY_ROTATION_PARENT',
      `${subject}: its parent has another root.toml than the trusted one`,
      {
        details: { parent: first, version: old.root.version },
      },
    );
  }
  const [before, after] = [
    await readTimestamp(source, parent.tree, `parent of ${subject}`),
    await readTimestamp(source, commit.tree, subject),
  ];
  if (after.version > before.version) return;
  throw fail(
    'REGISTRY_ROTATION_TIMESTAMP',
    `${subject}: timestamp version ${after.version}, expected more than ${before.version}`,
    { details: { found: after.version, before: before.version } },
  );
}
