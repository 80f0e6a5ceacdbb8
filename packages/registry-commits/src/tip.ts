// Whether a commit is a good tip of the index, given a trusted root and the state before. The rules:
//
//   1. The commit is of the strict grammar, and signed.
//   2. Its root.toml is the trusted one, byte for byte.
//   3. A threshold of timestamp keys signed it. A tip that changes root.toml may carry signatures of other keys as well.
//   4. timestamp.toml has a version above the trusted one, or the same with the very same tree.
//   5. Neither timestamp.toml nor root.toml has expired.
//   6. Owners' crates carry their owners' signatures (owned-entries.ts).
//   7. No version that was trusted has another checksum (checksums.ts).
//
// Ancestry is no evidence, since an index squashes its history into a commit without parents. The parent of a tip with several
// signatures says who the further signers are, and nothing else.

import { equalBytes } from '@cargo-tuf/keys';
import type { Commit, ObjectId } from '@cargo-tuf/git-object';
import { parseTomlRoot, type TomlTimestamp } from '@cargo-tuf/metadata';
import { parseSignatures, type VerifiedSignature } from '@cargo-tuf/openpgp';
import { assertChecksumsKept } from './checksums.ts';
import { fail } from './errors.ts';
import { assertFresh, type Freshness } from './fresh.ts';
import { readRoot, readTimestamp, ROOT } from './files.ts';
import type { RegistryLimits } from './limits.ts';
import { readCommit } from './objects.ts';
import { verifyOwned } from './owned-entries.ts';
import { assertRepository, rotationTag } from './rotations.ts';
import {
  assertThreshold,
  countSigners,
  type Keyring,
  mostSignatures,
  type SignatureOptions,
  type SignedBytes,
  verifyLastingSigners,
  verifySigners,
} from './signatures.ts';
import type { RegistrySource } from './source.ts';
import type { RegistryState } from './state.ts';
import { openRoot, roleOf, type TrustedRoot } from './trusted-root.ts';
import { mintRegistry, type VerifiedRegistry } from './verified-registry.ts';

export interface TipContext extends SignatureOptions, Freshness {
  readonly source: RegistrySource;
  readonly trusted: TrustedRoot;
  readonly before: RegistryState | undefined;
  readonly limits: RegistryLimits;
}

export interface AcceptedTip {
  readonly registry: VerifiedRegistry;
  readonly state: RegistryState;
}

export async function verifyTip(context: TipContext, id: ObjectId): Promise<AcceptedTip> {
  const { source, trusted, before, limits } = context;
  const { commit, payload } = await readCommit(source, id);
  if (commit.signature === undefined) {
    throw fail('REGISTRY_UNSIGNED', `commit ${id}: not signed, but this registry is`, { details: { id } });
  }
  assertRoot(await readRoot(source, commit.tree), trusted);
  const signers = await signersOf(source, commit, { payload, armor: commit.signature }, trusted, context);
  const timestamp = await readTimestamp(source, commit.tree, `commit ${id}`);
  assertRepository('timestamp.toml', timestamp.repository, trusted.root.repository);
  assertVersion(timestamp, commit.tree, before);
  assertFresh('timestamp.toml', timestamp.expires, context);
  assertFresh(ROOT, trusted.root.expires, context);
  const { tree } = commit;
  const owned = await verifyOwned({ ...context, tree });
  if (before !== undefined) await assertChecksumsKept(source, before.tree, tree, limits);
  return {
    registry: mintRegistry(source, {
      commit: id,
      tree,
      root: trusted.root,
      timestamp,
      targets: owned.targets,
      signers: signers.map(({ certificate }) => certificate.keyId),
    }),
    state: {
      objects: source.format,
      commit: id,
      tree,
      timestamp: timestamp.version,
      targets: owned.floor,
      owned: owned.entries,
    },
  };
}

/** Rule 3, of a commit and what its signatures cover. */
export async function signersOf(
  source: RegistrySource,
  { parents: [parent] }: Commit,
  signed: SignedBytes,
  trusted: TrustedRoot,
  options: SignatureOptions,
): Promise<readonly VerifiedSignature[]> {
  const isOne = parseSignatures(signed.armor, options.hashes).length === 1;
  const others = isOne ? undefined : await keysBefore(source, parent, trusted, options);
  return verifyTipSigners(signed, trusted, others, options);
}

/** Rule 2, with the reason why the two can differ. The bytes are unverified: they can only refuse. */
function assertRoot(found: Uint8Array | undefined, { bytes, root }: TrustedRoot): void {
  if (found === undefined)
    throw fail('REGISTRY_FILE_MISSING', `${ROOT}: not there, expected version ${root.version}`, {
      details: { path: ROOT, version: root.version },
    });
  if (equalBytes(found, bytes)) return;
  const { version } = parseTomlRoot(found);
  const details = { found: version, trusted: root.version };
  const next = rotationTag(root.version + 1);
  if (version === root.version)
    throw fail('REGISTRY_EQUIVOCATION', `${ROOT}: two contents of version ${version}`, { details });
  if (version < root.version)
    throw fail('REGISTRY_ROOT_ROLLBACK', `${ROOT}: version ${version}, trusted ${root.version}`, { details });
  const code = version === root.version + 1 ? 'REGISTRY_ROTATION_MISSING' : 'REGISTRY_ROTATION_SKIPPED';
  throw fail(code, `${ROOT}: version ${version}, trusted ${root.version}, and there is no tag ${next}`, {
    details,
  });
}

/**
 * Keys of the root.toml that this commit takes the place of; undefined when it does not change root.toml. Their signatures
 * are there for those who follow the rotation. They are checked like all others, and count for nothing here.
 */
async function keysBefore(
  source: RegistrySource,
  parent: ObjectId | undefined,
  { bytes }: TrustedRoot,
  options: SignatureOptions,
): Promise<Keyring | undefined> {
  if (parent === undefined) return undefined;
  const before = await readRoot(source, (await readCommit(source, parent)).commit.tree);
  if (before === undefined) return new Map();
  return equalBytes(before, bytes) ? undefined : openRoot(before, options).keyring;
}

/** `others`: of a commit that changes root.toml. */
function verifyTipSigners(
  signed: SignedBytes,
  trusted: TrustedRoot,
  others: Keyring | undefined,
  options: SignatureOptions & Freshness,
): readonly VerifiedSignature[] {
  const timestamp = roleOf(trusted, 'timestamp');
  // All keys of the root file, so that a key of another role is told apart from a stranger's.
  const certificates = [...new Map([...(others ?? []), ...trusted.keyring]).values()];
  const maximum = others === undefined ? mostSignatures(timestamp) : certificates.length;
  const verify = options.mayBeExpired === true ? verifyLastingSigners : verifySigners;
  const signers = verify(signed, certificates, maximum, options);
  if (countSigners(timestamp, signers) === 0) {
    throw fail('REGISTRY_ROLE', 'tip: signed by keys of other roles, expected the role "timestamp"', {
      details: { signers: signers.map(({ certificate }) => certificate.keyId), keyIds: timestamp.keyIds },
    });
  }
  assertThreshold('tip', timestamp, signers);
  return signers;
}

/** Rule 4. */
function assertVersion(found: TomlTimestamp, tree: ObjectId, before: RegistryState | undefined): void {
  if (before === undefined || found.version > before.timestamp) return;
  const details = { found: found.version, trusted: before.timestamp, tree, before: before.tree };
  if (found.version < before.timestamp)
    throw fail('REGISTRY_ROLLBACK', `timestamp.toml: version ${found.version}, trusted ${before.timestamp}`, {
      details,
    });
  if (tree !== before.tree)
    throw fail('REGISTRY_EQUIVOCATION', `timestamp.toml: two trees of version ${found.version}`, { details });
}
