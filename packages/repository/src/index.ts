export { setAuditors } from './auditors.ts';
export { cratesRootPath, publishCratesRoot } from './crates-root.ts';
export { createReleases } from './create-releases.ts';
export { EPOCH_SPAN, createRepository, INDEX_PATTERNS } from './create.ts';
export { draftedRole, draftHash, draftSigners, mergeDrafts, signDraft } from './draft.ts';
export { draftChange } from './draft-releases.ts';
export { openMemoryBytes } from './memory-bytes.ts';
export { CheckedEntry } from './checked-entry.ts';
export { copyPlainFiles } from './plain-copies.ts';
export { DEFAULT_POLICY, OFFLINE_ROLES, ONLINE_ROLES, ROLE_NAMES } from './policy.ts';
export { DEFAULT_KEEP, LEAST_KEEP, prune } from './prune.ts';
export { publish } from './publish.ts';
export { publishTargets } from './publish-targets.ts';
export {
  DEFAULT_RELEASES_POLICY,
  holderOf,
  ONLINE_RELEASE_HOLDERS,
  RELEASE_HOLDERS,
  RELEASE_PATTERNS,
  RELEASE_ROLES,
} from './release-roles.ts';
export { readReleases, readTarget, releaseKeysOf } from './releases-state.ts';
export { renewReleases, rotateReleases } from './rotate-releases.ts';
export { publicKeysOf, raiseEpoch, renewRoot, rotate } from './rotate.ts';
export { readLeaves, readState } from './state.ts';
export type { AuditorChange } from './auditors.ts';
export type { ReleasesResult } from './commit-releases.ts';
export type { CommitResult, PublisherContext } from './commit.ts';
export type { CratesRootOptions } from './crates-root.ts';
export type { CreateReleasesOptions } from './create-releases.ts';
export type { ReleaseChange } from './draft-releases.ts';
export type { Draft, DraftedRole, DraftRole } from './draft.ts';
export type { CreateOptions } from './create.ts';
export type { CrateDelegate, Policy, RoleName, RolePolicy } from './policy.ts';
export type { Publication } from './publish.ts';
export type { PruneContext, PruneOptions, PruneReport } from './prune.ts';
export type { NewFile, PrunableBytes, Published, PublishedBytes } from './published-bytes.ts';
export type { TargetsPublication } from './publish-targets.ts';
export type {
  ReleaseDelegate,
  ReleaseHolder,
  ReleaseRole,
  ReleasesContext,
  ReleasesPolicy,
} from './release-roles.ts';
export type { ReleasesState } from './releases-state.ts';
export type { PublicKeys, RoleSigners } from './role-keys.ts';
export type { ReleasesRotation } from './rotate-releases.ts';
export type { Rotation } from './rotate.ts';
export type { PublishedState } from './state.ts';
