/** Bounds of one metadata file. Every list that is read has one: what is long is slow, and an attacker writes it. */
export const METADATA_LIMITS: MetadataLimits = {
  keysPerRoot: 64,
  keysPerDelegations: 1_024,
  keyIdLength: 128,
  keyIdsPerRole: 32,
  signatures: 64,
  signatureBytes: 2_048,
  roles: 4_096,
  roleNameBytes: 128,
  succinctBitLength: 14,
  patterns: 1_024,
  patternLength: 512,
  patternStars: 8,
  targets: 100_000,
  targetPathBytes: 512,
  metaFiles: 20_000,
  hashesPerFile: 8,
};

export interface MetadataLimits {
  readonly keysPerRoot: number;
  readonly keysPerDelegations: number;
  /** Characters of a key id. */
  readonly keyIdLength: number;
  readonly keyIdsPerRole: number;
  readonly signatures: number;
  readonly signatureBytes: number;
  /** Roles of one delegations object. */
  readonly roles: number;
  readonly roleNameBytes: number;
  /** At most 2^14 bins. */
  readonly succinctBitLength: number;
  /** Path patterns, or hash prefixes, of one role. */
  readonly patterns: number;
  readonly patternLength: number;
  /** `*` in one segment of a pattern. */
  readonly patternStars: number;
  readonly targets: number;
  readonly targetPathBytes: number;
  readonly metaFiles: number;
  readonly hashesPerFile: number;
}
