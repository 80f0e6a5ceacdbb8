export { scanCrate, listCrateFiles } from './scan.ts';
export { encodeCrate } from './encode.ts';
export { CRATE_LIMITS } from './limits.ts';
export type { CrateErrorCode } from './errors.ts';
export type { CrateArchiveLimits } from './limits.ts';
export type { CrateArchiveFile, ExpectedCrate, OnFile, ScannedCrate } from './scan.ts';
