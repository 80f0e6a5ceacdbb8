export { ANCHOR_LIMITS, parseLimits } from './anchor-limits.ts';
export { parseAllowance, parseFormat, trustAnchorRoot } from './anchor-rules.ts';
export {
  addAnchor,
  fingerprintOf,
  listAnchors,
  readAnchor,
  removeAnchor,
} from './anchors.ts';
export { verifyCargoCaches } from './cargo-caches.ts';
export { downloadTarget } from './download-target.ts';
export { createLocalFile, readLocalFile, writeLocalFile } from './files.ts';
export { FLOOR_FILE, formatFloorFile, parseFloorFile, raiseFloorFile, readFloorFile } from './floor-file.ts';
export { openHome } from './home.ts';
export { fetchLockedCrates, prefetchClosure, verifyLockedChecksums } from './locked-crates.ts';
export { readNetworkOptions } from './network-options.ts';
export { isFolderMirror, parseGitMirror, parseMirror } from './mirrors.ts';
export { openMirrors } from './open-mirrors.ts';
export { readListedRoot, reanchorRegistry } from './listed-roots.ts';
export { parseLockfile, readLockfile } from './lockfile.ts';
export { proposeRegistry } from './propose-registry.ts';
export { openRegistry } from './registry.ts';
export {
  CRATES_IO,
  formatRegistryId,
  parseRegistryId,
  registrySlug,
  RUST_RELEASES,
  sourceUrl,
} from './registry-id.ts';
export { RegistrySnapshot } from './registry-snapshot.ts';
export { openReleases, readReleasesAnchor } from './releases.ts';
export { ReleasesSnapshot } from './releases-snapshot.ts';
export type { AnchorLimits } from './anchor-limits.ts';
export type { AnchorRules } from './anchor-rules.ts';
export type { AnchorToAdd, TrustAnchor } from './anchors.ts';
export type { CachedCrate, CacheProblem, CacheReport } from './cargo-caches.ts';
export type { TargetDownload } from './download-target.ts';
export type { LibraryErrorCode } from './errors.ts';
export type { FloorFile, FloorVersions } from './floor-file.ts';
export type { GitIndex } from './git-index.ts';
export type { Home } from './home.ts';
export type { LockedProgress } from './locked-crates.ts';
export type { LockedPackage } from './lockfile.ts';
export type { AnchorKind } from './mirrors.ts';
export type { OpenMirrors } from './open-mirrors.ts';
export type { ProposalOptions, ProposedRegistry } from './propose-registry.ts';
export type { NetworkOptions, Registry, RegistryOptions } from './registry.ts';
export type { RejectedFile } from '@cargo-tuf/http-transport';
export type { RegistryId } from './registry-id.ts';
export type { SnapshotPorts, VerifiedCrate, VerifiedEntry } from './registry-snapshot.ts';
export type { Releases, ReleasesOptions } from './releases.ts';
export type { Channel, VerifiedManifest, VerifiedRustup } from './releases-snapshot.ts';
export type { TufIndex } from './tuf-index.ts';
export type { VerifiedClone } from './verified-clone.ts';
export type { ProvedFile, VerifiedIndex } from './verified-index.ts';
export type { ChangedFile, FolderVerification, IndexReport } from './verify-index.ts';
export type { ReleaseProblem, ReleasesReport, ReleasesVerification } from './verify-releases.ts';
