import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  CRATE_GZIP: {
    kind: 'malformed',
    hint: 'package the crate again with cargo: one gzip member, nothing after it',
  },
  CRATE_TAR: { kind: 'malformed', hint: 'package the crate again with cargo' },
  CRATE_LIMIT: {
    kind: 'security',
    hint: 'do not unpack this archive; raise the limit only if you know its publisher',
  },
  CRATE_ENTRY_KIND: {
    kind: 'security',
    hint: 'do not unpack this archive: a crate holds files and folders only',
  },
  CRATE_ENTRY_MODE: {
    kind: 'security',
    hint: 'package the crate again without set-user-id, set-group-id and sticky bits',
  },
  CRATE_PATH: {
    kind: 'security',
    hint: 'do not unpack this archive: a path leads outside, or not to one place everywhere',
  },
  CRATE_DUPLICATE: {
    kind: 'security',
    hint: 'do not unpack this archive: which of its files wins depends on the system',
  },
  CRATE_MANIFEST: { kind: 'malformed', hint: 'package the crate again with cargo: it has no Cargo.toml' },
  CRATE_FILES: { kind: 'misuse', hint: 'give relative paths with forward slashes, Cargo.toml among them' },
} as const;

export type CrateErrorCode = keyof typeof TABLE;

export const fail: (
  code: CrateErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<CrateErrorCode> = defineErrors(TABLE);
