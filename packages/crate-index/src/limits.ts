/** What an index entry may be at most. The largest real ones are below a tenth of each. */
export const INDEX_LIMITS: {
  readonly entryBytes: number;
  readonly lineBytes: number;
  readonly versions: number;
  readonly dependencies: number;
  readonly features: number;
  readonly configBytes: number;
  readonly nameLength: number;
  readonly versionLength: number;
  readonly textLength: number;
} = {
  entryBytes: 16 * 1024 * 1024,
  lineBytes: 1024 * 1024,
  versions: 50_000,
  dependencies: 5_000,
  features: 20_000,
  configBytes: 64 * 1024,
  nameLength: 64,
  versionLength: 150,
  textLength: 4_096,
};
