import { defineErrors, type ErrorOptions, isTufError, TufError } from '@cargo-tuf/errors';

const TABLE = {
  ADMIN_USAGE: { kind: 'misuse', hint: 'see `tuf-admin --help`' },
  ADMIN_NOT_EMPTY: {
    kind: 'misuse',
    hint: 'give the path of an empty folder, or of one that does not exist',
  },
  ADMIN_NO_REPOSITORY: { kind: 'misuse', hint: 'create the repository first: `tuf-admin init DIR --dl URL`' },
  ADMIN_PASSPHRASE: {
    kind: 'misuse',
    hint: 'give --passphrase-file FILE or CARGO_TUF_PASSPHRASE; or say --unencrypted-keys, for a trial',
  },
  ADMIN_POLICY: { kind: 'malformed', hint: 'correct policy.toml; `tuf-admin init` writes one with comments' },
  ADMIN_LINK: {
    kind: 'security',
    hint: 'find out who planted the link, and put the file or folder itself there',
  },
  ADMIN_FILE: {
    kind: 'unavailable',
    hint: 'check that the path exists, its permissions, and the space on the disk',
  },
  ADMIN_DRAFT: { kind: 'malformed', hint: 'take the draft again from where it was made' },
  ADMIN_INPUT: { kind: 'malformed', hint: 'correct the file that is named, or leave it out' },
  ADMIN_NAME_TAKEN: { kind: 'misuse', hint: 'rename the crate: names differ in more than case, - and _' },
  ADMIN_VERSION_EXISTS: {
    kind: 'misuse',
    hint: 'raise the version in Cargo.toml: a published version never changes',
  },
  ADMIN_NO_VERSION: { kind: 'misuse', hint: 'check the spelling; write it as CRATE@VERSION' },
  ADMIN_CHECKSUM: {
    kind: 'security',
    hint: 'do not publish this archive: it is not the one that the index names',
  },
  ADMIN_CLIENT_REFUSES: {
    kind: 'security',
    hint: 'nothing was published; if the files are from a backup, take the newest ones from a mirror first',
  },
  ADMIN_PORT: { kind: 'unavailable', hint: 'choose another port, or --port 0 for any free one' },
  ADMIN_DIFFERS: {
    kind: 'security',
    hint: 'restore the files that are named from a mirror, and find out who changed them',
  },
  ADMIN_GIT_DIRTY: {
    kind: 'misuse',
    hint: 'commit the changes with `tuf-admin git commit --from`, or take them back, then try again',
  },
  ADMIN_AUDITORS: {
    kind: 'misuse',
    hint: 'let the auditors run `cargo tuf monitor --sign`, put their files into public/audits, then require them',
  },
  ADMIN_MIRROR: {
    kind: 'misuse',
    hint: 'see `tuf-admin mirror --help`; a mirror keeps the root that it was begun with',
  },
  ADMIN_MIRROR_ARCHIVE: {
    kind: 'unavailable',
    hint: 'try again later, or leave archives out: --index-only',
  },
  ADMIN_GIT_KEY: {
    kind: 'misuse',
    hint: 'compare the fingerprint with those of `tuf-admin git status`; a new key comes with its certificate',
  },
  ADMIN_GIT_HISTORY: {
    kind: 'security',
    hint: 'find out who put these commits below a signed one, and whether their content is meant',
  },
  ADMIN_GIT_BEHIND: {
    kind: 'conflict',
    hint: 'fetch the branch, verify it, and make the change again on top of it',
  },
} as const;

export type AdminErrorCode = keyof typeof TABLE;

export const fail: (
  code: AdminErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<AdminErrorCode> = defineErrors(TABLE);

/** What goes wrong in `work` is said of `subject`, a file of this machine. */
export async function about<T>(subject: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    const { code, kind, hint, message, details } = cause;
    throw new TufError(code, { kind, hint }, `${subject}: ${message}`, {
      cause,
      details: { ...details, local: true, file: subject },
    });
  }
}

/** The code of a system error: ENOENT. */
export function systemCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
