import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  CLIENT_ANCHOR: {
    kind: 'misuse',
    hint: 'use the root.json that the repository publishes, and compare its fingerprint with one that you got another way',
  },
  CLIENT_LIMIT: {
    kind: 'misuse',
    hint: 'leave the limit out, or give a whole number',
  },
  CLIENT_ROOT_VERSION: {
    kind: 'security',
    hint: 'the mirror mixes up root versions; try another mirror and tell its operator',
  },
  CLIENT_ROOT_ROTATIONS: {
    kind: 'security',
    hint: 'take a recent root.json as trust anchor; if there is none, the root keys may be stolen',
  },
  CLIENT_REPOSITORY: {
    kind: 'security',
    hint: 'the mirror serves another repository; check the URL of the mirror',
  },
  CLIENT_ROLLBACK: {
    kind: 'security',
    hint: 'the mirror serves an older state than this machine has seen; try another mirror and tell its operator',
  },
  CLIENT_EQUIVOCATION: {
    kind: 'security',
    hint: 'two contents were signed under one version; keep the evidence and tell the maintainers',
  },
  CLIENT_EXPIRED: {
    kind: 'security',
    hint: 'the repository may be frozen; check your clock, then try another mirror, then tell its maintainers',
  },
  CLIENT_CLOCK: {
    kind: 'security',
    hint: 'set the clock of this machine; an expired state would look fresh to a clock that is late',
  },
  CLIENT_MIX: {
    kind: 'security',
    hint: 'the mirror serves files that never stood together; try another mirror and tell its operator',
  },
  CLIENT_NO_HASH: {
    kind: 'security',
    hint: 'the publisher left out what fixes the content of a file; tell the maintainers of the repository',
  },
  CLIENT_DELEGATION: {
    kind: 'security',
    hint: 'the keys of the index signed a crate that they are not trusted with; tell the maintainers of the repository',
  },
  CLIENT_MISSING: {
    kind: 'unavailable',
    hint: 'the mirror is not complete; try another mirror and tell its operator',
  },
  CLIENT_DELEGATIONS: {
    kind: 'security',
    hint: 'raise the limit for this repository if its delegations are known to be that deep',
  },
  CLIENT_TOO_LARGE: {
    kind: 'security',
    hint: 'raise the limit for this repository if its files are known to be that large',
  },
  CLIENT_NO_MAP: {
    kind: 'unsupported',
    hint: 'this repository does not serve its index as a map; check that the anchor is for a crate registry',
  },
  CLIENT_CLAIM: {
    kind: 'security',
    hint: 'the claims of the repository and its index disagree about who signs this crate; tell its maintainers',
  },
  CLIENT_CLAIMED: {
    kind: 'unsupported',
    hint: 'this crate is released by its own keys; update cargo-tuf to a version that checks developer-signed files',
  },
  CLIENT_AUDITORS: {
    kind: 'unavailable',
    hint: 'wait until the auditors have followed the repository, or try another mirror; if it lasts, tell its maintainers',
  },
  CLIENT_AUDIT_AHEAD: {
    kind: 'conflict',
    hint: 'the mirror is behind the auditors; try again, or try another mirror',
  },
  CLIENT_AUDIT: {
    kind: 'security',
    hint: 'the repository took back what its auditors saw; run `cargo tuf monitor` for evidence and tell its maintainers',
  },
  CLIENT_OFFLINE: {
    kind: 'unavailable',
    hint: 'run `cargo tuf sync` with a network first',
  },
  CLIENT_NO_STATE: {
    kind: 'unavailable',
    hint: 'run `cargo tuf sync` with a network first',
  },
  CLIENT_RUN_TOO_LONG: {
    kind: 'unavailable',
    hint: 'start the command again, so that it works on a fresh snapshot',
  },
  CLIENT_STORE_CONFLICT: {
    kind: 'conflict',
    hint: 'read the state again and repeat the change',
  },
  CLIENT_FLOORS: {
    kind: 'malformed',
    hint: 'remove the damaged file; the next sync writes it again',
  },
  CLIENT_STORE_BUSY: {
    kind: 'conflict',
    hint: 'other processes keep changing the trusted state; try again',
  },
} as const;

export type ClientErrorCode = keyof typeof TABLE;

export const fail: (
  code: ClientErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<ClientErrorCode> = defineErrors(TABLE);
