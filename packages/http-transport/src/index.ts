export { openFolderSource } from './folder-source.ts';
export { openHttpSource } from './http-source.ts';
export { HTTP_LIMITS } from './limits.ts';
export type { Clock } from './clock.ts';
export type { HttpErrorCode } from './errors.ts';
export type { HttpSource, HttpSourceOptions, RejectedFile } from './http-source.ts';
export type { HttpLimits, MinimumRate } from './limits.ts';
export type { Environment, ProxyOption } from './proxy.ts';
export type { DownloadOptions, FetchOptions, Progress, Source } from './source.ts';
