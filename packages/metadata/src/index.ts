export { BUNDLE_BYTES, packBundle, unpackBundle } from './bundle.ts';
export { createContentCheck, verifyContent } from './content.ts';
export { parseEnvelope } from './envelope.ts';
export { formatKey } from './keys.ts';
export { METADATA_LIMITS } from './limits.ts';
export { isDelegatedPath, matchesPath, roleUrlPath, succinctRoleName, targetUrlPath } from './paths.ts';
export { formatRoot, parseRoot } from './root.ts';
export { addSignature, signEnvelope } from './sign.ts';
export { formatSnapshot, parseSnapshot } from './snapshot.ts';
export { formatTargets, parseTargets } from './targets.ts';
export { formatTime, parseTime } from './time.ts';
export { formatTimestamp, parseTimestamp } from './timestamp.ts';
export { TOML_LIMITS } from './toml-limits.ts';
export { formatTomlRoot, parseTomlRoot } from './toml-root.ts';
export { formatTomlTargets, parseTomlTargets } from './toml-targets.ts';
export { formatTomlTimestamp, parseTomlTimestamp } from './toml-timestamp.ts';
export { Verified, verifyRole } from './verify.ts';
export type { ContentCheck, ExpectedContent } from './content.ts';
export type { Envelope } from './envelope.ts';
export type { MetadataErrorCode } from './errors.ts';
export type { MetadataLimits } from './limits.ts';
export type {
  DelegatedRole,
  Delegations,
  IndexKind,
  Key,
  ChangesFile,
  MapRoot,
  MetaFile,
  Role,
  RoleByType,
  RoleKeys,
  Root,
  RootFields,
  Snapshot,
  SnapshotFields,
  SuccinctRoles,
  TargetFile,
  Targets,
  TargetsFields,
  Timestamp,
  TimestampFields,
  TopLevelRole,
} from './roles.ts';
export type { Allowance, Format, ReadOptions } from './reading.ts';
export type { SignOptions } from './sign.ts';
export type { EnvelopeSignature } from './signatures.ts';
export type { TomlOptions } from './toml-file.ts';
export type { TomlLimits } from './toml-limits.ts';
export type { TomlDocument } from './toml-reader.ts';
export type {
  OpenPgpKey,
  TomlDelegatedRole,
  TomlRoleName,
  TomlRoot,
  TomlRootFields,
  TomlTargets,
  TomlTargetsFields,
  TomlTimestamp,
  TomlTimestampFields,
} from './toml-roles.ts';
