import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  INSTALL_USAGE: { kind: 'misuse', hint: 'see `rustup-tuf --help`' },
  INSTALL_NO_ANCHOR: {
    kind: 'misuse',
    hint: 'trust the releases first: `rustup-tuf trust add --root FILE --mirror URL`',
  },
  INSTALL_NO_TERMINAL: {
    kind: 'misuse',
    hint: 'run the command at a terminal, or give the fingerprint that you checked: --fingerprint SHA256',
  },
  INSTALL_DECLINED: {
    kind: 'misuse',
    hint: 'compare the fingerprint with one that you got another way, and try again',
  },
  INSTALL_HOST: {
    kind: 'unsupported',
    hint: 'name the toolchain with its target triple, or set RUSTUP_OVERRIDE_HOST_TRIPLE',
  },
  INSTALL_SETTINGS: { kind: 'malformed', hint: "correct rustup's settings.toml, or move it away" },
  INSTALL_SETTINGS_VERSION: {
    kind: 'unsupported',
    hint: 'run `rustup self upgrade-data` with a current rustup',
  },
  INSTALL_TOOLCHAIN_FILE: {
    kind: 'malformed',
    hint: 'write it as rustup does: `[toolchain]`, and `channel = "stable"` below it',
  },
  INSTALL_NO_TOOLCHAIN: {
    kind: 'misuse',
    hint: 'choose one with `rustup-tuf default stable`, a rust-toolchain.toml or `+TOOLCHAIN`',
  },
  INSTALL_MISSING: { kind: 'misuse', hint: 'install it first: `rustup-tuf install TOOLCHAIN`' },
  INSTALL_NOT_SIGNED: { kind: 'misuse', hint: 'check the name; the releases sign no manifest for it' },
  INSTALL_NOT_VERIFIED: {
    kind: 'misuse',
    hint: 'verify it whole first: `rustup-tuf update TOOLCHAIN`, or `rustup-tuf install TOOLCHAIN`',
  },
  INSTALL_GONE: {
    kind: 'misuse',
    hint: 'wait for a release that has it, or remove it: `rustup-tuf component remove NAME`',
  },
  INSTALL_NO_COMMAND: { kind: 'misuse', hint: 'check the name, or add the component that has it' },
  INSTALL_ARCHIVE: {
    kind: 'malformed',
    hint: 'its publisher signed an archive that is no component; tell them',
  },
  INSTALL_ARCHIVE_UNSAFE: {
    kind: 'security',
    hint: 'its publisher signed an archive that could harm this machine; tell them',
  },
  INSTALL_NO_XZ: { kind: 'misuse', hint: 'install the program xz: the package xz-utils, or xz' },
  INSTALL_DAMAGED: {
    kind: 'malformed',
    hint: 'build the toolchain anew: `rustup-tuf install --reinstall TOOLCHAIN`',
  },
  INSTALL_FILE: {
    kind: 'unavailable',
    hint: 'check the permissions of the folder and the space on the disk',
  },
  INSTALL_OLDER_RUSTUP: {
    kind: 'security',
    hint: 'the installed rustup is newer than the signed one; keep it, and tell the maintainers of the mirror',
  },
} as const;

export type AppErrorCode = keyof typeof TABLE;

export const fail: (code: AppErrorCode, message: string, options?: ErrorOptions) => TufError<AppErrorCode> =
  defineErrors(TABLE);

/** What the file system answered, said with its path. */
export function fileError(path: string, error: unknown): TufError<AppErrorCode> {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return fail('INSTALL_FILE', `${path}: cannot be read or written (${code})`, { cause: error });
}
