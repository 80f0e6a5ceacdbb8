// Where the files of a registry come from: base URLs of mirrors, or addresses of git repositories.

import { escapeText, isTufError } from '@cargo-tuf/errors';
import { type GitProtocol, parseGitUrl } from '@cargo-tuf/git-transport';
import { fail } from './errors.ts';

/** What an anchor is of: TUF metadata, or a git index whose commits are signed. */
export type AnchorKind = 'tuf' | 'git';

/** Addresses that a user names may be of this machine. */
export const GIT_PROTOCOLS: readonly GitProtocol[] = ['https', 'http', 'file'];

/** Throws `LIB_ARGUMENT`. */
export function parseMirrors(texts: readonly string[], kind: AnchorKind): readonly string[] {
  if (texts.length === 0) throw fail('LIB_ARGUMENT', 'mirror: none given, expected at least one');
  if (kind === 'git') return texts.map(parseGitMirror);
  const mirrors = texts.map(parseMirror);
  if (mirrors.length > 1 && mirrors.some(isFolderMirror)) {
    throw fail('LIB_ARGUMENT', 'mirror: a folder cannot stand beside other mirrors');
  }
  return mirrors;
}

/** A mirror's base URL: https, http on this machine, or a folder as file:. Throws `LIB_ARGUMENT`. */
export function parseMirror(text: string): string {
  const accepted =
    /^(https:\/\/[A-Za-z0-9.\-_~[\]:]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?|file:\/\/)(\/[!-~]*)?$/;
  if (!accepted.test(text) || /[?#\\"'<>]/.test(text) || !hasPlainPath(text)) {
    throw fail(
      'LIB_ARGUMENT',
      `mirror: "${escapeText(text)}" is no https URL without user, query and fragment`,
    );
  }
  return text.endsWith('/') ? text : `${text}/`;
}

/** The address of a git repository: https, http on this machine, or file:. Throws `LIB_ARGUMENT`. */
export function parseGitMirror(text: string): string {
  try {
    return parseGitUrl(text, GIT_PROTOCOLS).href;
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    throw fail('LIB_ARGUMENT', `git ${cause.message}`, { cause });
  }
}

/** A path that means itself: nothing in it climbs, in whatever spelling. */
function hasPlainPath(text: string): boolean {
  const path = text.replace(/^[a-z]+:\/\/[^/]*/, '');
  return URL.canParse(text) && (path === '' || new URL(text).pathname === path);
}

export function isFolderMirror(mirror: string): boolean {
  return mirror.startsWith('file:');
}
