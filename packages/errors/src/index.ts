export { TufError, defineErrors, isTufError } from './tuf-error.ts';
export { exitCodeOf } from './exit-codes.ts';
export { escapeText, formatError } from './format.ts';
export type { Details, DetailValue, ErrorOptions, ErrorRow, ErrorTable } from './tuf-error.ts';
export type { ErrorKind } from './kinds.ts';
