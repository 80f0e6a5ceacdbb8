import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  REPOSITORY_EXISTS: {
    kind: 'misuse',
    hint: 'choose an empty folder, or publish into the repository that is there',
  },
  REPOSITORY_ABSENT: { kind: 'misuse', hint: 'create the repository first: `tuf-admin init`' },
  REPOSITORY_DAMAGED: {
    kind: 'malformed',
    hint: 'restore the published files from a mirror or a backup; nothing was changed',
  },
  REPOSITORY_KEYS: { kind: 'misuse', hint: 'give the keys of this role, as many as its threshold asks for' },
  REPOSITORY_KEY_REUSED: {
    kind: 'misuse',
    hint: 'make a key of its own for every online role, apart from the offline keys',
  },
  REPOSITORY_POLICY: {
    kind: 'misuse',
    hint: 'correct the policy: thresholds from 1 to the number of keys, periods above 0',
  },
  REPOSITORY_CONFLICT: {
    kind: 'conflict',
    hint: 'another publisher was faster; publish again, on top of what it published',
  },
  REPOSITORY_UNKNOWN: {
    kind: 'unavailable',
    hint: 'the store did not answer; publish again, which repairs what is half done',
  },
  REPOSITORY_EPOCH: {
    kind: 'misuse',
    hint: 'the online keys were stolen: rotate them, then raise the epoch (`tuf-admin raise-epoch`)',
  },
  REPOSITORY_NO_CRATE: { kind: 'misuse', hint: 'check the spelling; `tuf-admin verify` lists the crates' },
  REPOSITORY_PATH: {
    kind: 'misuse',
    hint: 'give the file to the role that signs its path: release, nightly or rustup (docs/pouf.md, section 9)',
  },
  REPOSITORY_RELEASE_DATE: {
    kind: 'misuse',
    hint: 'a channel never goes back: publish a manifest of this day or a later one',
  },
  REPOSITORY_RUSTUP_VERSION: {
    kind: 'misuse',
    hint: 'publish a version that is not below the published one',
  },
  REPOSITORY_CRATES_ROOT: {
    kind: 'security',
    hint: 'take all roots from the registry itself; where its keys are lost, re-anchor it by name (`--reanchor`)',
  },
  REPOSITORY_DRAFT: {
    kind: 'conflict',
    hint: 'another change was published since it was drafted; make a new draft, and have it signed',
  },
  REPOSITORY_EXPIRED: {
    kind: 'misuse',
    hint: 'give the keys of this role, so that it is signed again',
  },
} as const;

export type RepositoryErrorCode = keyof typeof TABLE;

export const fail: (
  code: RepositoryErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<RepositoryErrorCode> = defineErrors(TABLE);
