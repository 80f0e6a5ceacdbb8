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
  LIB_CHANNEL_ROLLBACK: {
    kind: 'security',
    hint: 'an older release was signed under a newer version; tell the maintainers, and stay with what is installed',
  },
  LIB_CHANNEL_DATE: { kind: 'security', hint: 'the manifest is not that of this day; tell the maintainers' },
  LIB_CHANNEL_DATES: {
    kind: 'malformed',
    hint: 'the dates that this machine has seen are damaged; compare what is installed with a machine that you trust, then remove $CARGO_HOME/tuf/root',
  },
  LIB_RUSTUP_RELEASE: {
    kind: 'security',
    hint: 'the releases sign no usable release-stable.toml; tell the maintainers',
  },
  LIB_ROOT_UNLISTED: {
    kind: 'security',
    hint: 'the signed releases do not list this root; wait for them, and tell the maintainers of both',
  },
  LIB_ROOT_CHAIN: {
    kind: 'security',
    hint: 'if the maintainers announced that the keys of the registry were lost, see `cargo tuf trust reanchor --help`',
  },
  LIB_NO_RELEASES: {
    kind: 'misuse',
    hint: 'trust the releases first: `cargo tuf trust add rust-releases --root FILE --mirror URL`',
  },
  LIB_FLOOR_FILE: { kind: 'malformed', hint: 'restore Cargo.tuf.json from the history of the project' },
  LIB_FILE: { kind: 'unavailable', hint: 'check that the file exists and can be read' },
} as const;

export type LibraryErrorCode = keyof typeof TABLE;

export const fail: (
  code: LibraryErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<LibraryErrorCode> = defineErrors(TABLE);
