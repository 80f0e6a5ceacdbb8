import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  APP_USAGE: { kind: 'misuse', hint: 'see `cargo tuf --help`' },
  APP_NO_CARGO: { kind: 'misuse', hint: 'install cargo, or set CARGO to its path' },
  APP_CARGO_TOO_OLD: {
    kind: 'unsupported',
    hint: 'update the toolchain: sparse registries need cargo 1.68 or later',
  },
  APP_CARGO_FAILED: { kind: 'unavailable', hint: 'run the cargo command that is named to see why it fails' },
  APP_NO_ANCHOR: {
    kind: 'misuse',
    hint: 'trust a registry first: `cargo tuf trust add crates-io --root FILE --mirror URL`',
  },
  APP_NO_RUSTUP: { kind: 'misuse', hint: 'install rustup, or put it on the path' },
  APP_NO_TERMINAL: {
    kind: 'misuse',
    hint: 'run the command at a terminal, or give the fingerprint that you checked: --fingerprint SHA256',
  },
  APP_DECLINED: {
    kind: 'misuse',
    hint: 'compare the fingerprint with one that you got another way, and try again',
  },
  APP_UNSIGNED_SOURCE: {
    kind: 'security',
    hint: 'allow it by name if you mean it: `cargo tuf --allow SOURCE COMMAND`, or trust its registry',
  },
  APP_SOURCE_BYPASS: {
    kind: 'security',
    hint: 'remove that setting: it would let cargo fetch past the verification',
  },
  APP_CACHE_TAMPERED: {
    kind: 'security',
    hint: 'run `cargo tuf clean` to remove the changed copies; then find out who changed them',
  },
  APP_NO_LOCKFILE: { kind: 'misuse', hint: 'run it in a cargo project, after `cargo tuf generate-lockfile`' },
  APP_CONFIG: { kind: 'malformed', hint: 'correct the cargo configuration file that is named' },
  APP_CONFIG_CONFLICT: {
    kind: 'misuse',
    hint: 'remove that setting from the file, or enable cargo-tuf in another configuration file',
  },
  APP_NOT_ENABLED: { kind: 'misuse', hint: 'run `cargo tuf enable` first' },
  APP_PORT_TAKEN: {
    kind: 'security',
    hint: 'find out who listens there; choose another port: `cargo tuf --port NUMBER …`, then `cargo tuf enable` again',
  },
  APP_PROXY_FAILED: { kind: 'unavailable', hint: 'run `cargo tuf proxy` to see why it does not start' },
  APP_EVIDENCE_ROOT: {
    kind: 'misuse',
    hint: 'compare that fingerprint with the one that the repository states, then give its root.json: --anchor FILE',
  },
  APP_RELEASES_DIFFER: {
    kind: 'security',
    hint: 'copy these files again from another mirror; do not install from this copy',
  },
  APP_VERIFY_FAILED: {
    kind: 'security',
    hint: 'do not build with these files; run `cargo tuf clean`, then verify again',
  },
} as const;

export type AppErrorCode = keyof typeof TABLE;

export const fail: (code: AppErrorCode, message: string, options?: ErrorOptions) => TufError<AppErrorCode> =
  defineErrors(TABLE);
