import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  LIB_REGISTRY_ID: {
    kind: 'misuse',
    hint: 'name a registry as crates-io, sparse+https://host/path/ or registry+https://host/path',
  },
  LIB_NO_ANCHOR: {
    kind: 'misuse',
    hint: 'trust the registry first: see `cargo tuf trust add --help`',
  },
  LIB_ANCHOR_EXISTS: {
    kind: 'misuse',
    hint: 'remove the anchor first if you mean it: `cargo tuf trust remove REGISTRY`',
  },
  LIB_ANCHOR_DAMAGED: {
    kind: 'malformed',
    hint: 'remove the anchor and trust the registry again with a root that you checked',
  },
  LIB_ARGUMENT: { kind: 'misuse', hint: 'see --help for the values that can be given' },
  LIB_LIMIT: {
    kind: 'misuse',
    hint: 'see `cargo tuf trust add --help` for the names of limits and their defaults',
  },
  LIB_LOCKFILE: { kind: 'malformed', hint: 'let cargo write Cargo.lock again: `cargo generate-lockfile`' },
  LIB_LOCKFILE_VERSION: { kind: 'unsupported', hint: 'update cargo-tuf; this cargo writes a later format' },
  LIB_LOCK_CHECKSUM: {
    kind: 'security',
    hint: 'Cargo.lock or the index was changed; compare Cargo.lock with its history, then run `cargo tuf explain CRATE`',
  },
  LIB_NO_CRATE: { kind: 'misuse', hint: 'check the spelling of the crate and its version' },
  LIB_CRATE_HASH: {
    kind: 'security',
    hint: 'the mirror serves other bytes than were signed; try another mirror and tell its operator',
  },
  LIB_CRATE_MISSING: {
    kind: 'unavailable',
    hint: 'the mirror is not complete; try again later, or add another mirror',
  },
  LIB_OFFLINE: { kind: 'unavailable', hint: 'run `cargo tuf sync` with a network first' },
  LIB_CONFIG: { kind: 'security', hint: 'the registry signs no usable config.json; tell its maintainers' },
  LIB_ENTRY: {
    kind: 'security',
    hint: 'the registry signed an index entry that cannot be right; tell its maintainers',
  },
  LIB_NOT_SIGNED: {
    kind: 'misuse',
    hint: 'ask its operator whether the registry is signed; without that there is nothing to verify it by',
  },
  LIB_GIT_EMPTY: { kind: 'unavailable', hint: 'check the address of the git repository' },
  LIB_NO_OBJECTS: { kind: 'unavailable', hint: 'run `cargo tuf sync` with a network' },
  LIB_CLONE: { kind: 'misuse', hint: 'name a folder that does not exist yet, or an earlier clone' },
  LIB_FLOOR_FILE: { kind: 'malformed', hint: 'restore Cargo.tuf.json from the history of the project' },
  LIB_FILE: { kind: 'unavailable', hint: 'check that the file exists and can be read' },
} as const;

export type LibraryErrorCode = keyof typeof TABLE;

export const fail: (
  code: LibraryErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<LibraryErrorCode> = defineErrors(TABLE);
