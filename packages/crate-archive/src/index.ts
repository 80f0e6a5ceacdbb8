export { scanCrate, listCrateFiles } from './scan.ts';
export { encodeCrate } from './encode.ts';
export { CRATE_LIMITS } from './limits.ts';
export { readTar } from './tar-entries.ts';
export type { CrateErrorCode } from './errors.ts';
export type { CrateArchiveLimits } from './limits.ts';
export type { CrateArchiveFile, ExpectedCrate, OnFile, ScannedCrate } from './scan.ts';
export type { TarEntry, TarLimits } from './tar-entries.ts';
