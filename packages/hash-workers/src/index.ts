export { buildIndexMap } from './build-index-map.ts';
export { hashFolder } from './hash-folder.ts';
export type { BuiltMap, MapOptions, MapProgress } from './build-index-map.ts';
export type { WorkerErrorCode } from './errors.ts';
export type { FolderPart, UnreadFile } from './file-tasks.ts';
export type { FolderOptions } from './hash-folder.ts';
