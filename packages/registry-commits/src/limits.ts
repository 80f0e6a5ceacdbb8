/** Bounds of what one repository makes a verifier do. */
export const REGISTRY_LIMITS: RegistryLimits = {
  rotations: 256,
  changedPaths: 1_000_000,
  depth: 16,
  entryBytes: 16_777_216,
};

export interface RegistryLimits {
  /** Rotations of the root that one update follows. */
  readonly rotations: number;
  /** Paths that differ between the trusted tree and the one that is offered. */
  readonly changedPaths: number;
  /** Folders inside one another. */
  readonly depth: number;
  /** Bytes of an index entry, or of another file that `targets.toml` names. */
  readonly entryBytes: number;
}
