// An address that git may fetch from: one spelling, nothing that git or curl could read in another way.
//
//   https://example.org/index.git     http://127.0.0.1:4000/index.git     file:///srv/index.git
//
// - printable ASCII, parsed and written again unchanged, no backslash, no escaped line end or NUL
// - no user name, password, query or fragment
// - https; http and file only when the caller allows them, http only to this machine

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

export type GitProtocol = 'https' | 'http' | 'file';

export interface GitUrl {
  readonly href: string;
  readonly protocol: GitProtocol;
}

/** Throws `GIT_URL`. */
export function parseGitUrl(text: string, allowed: readonly GitProtocol[]): GitUrl {
  const protocol = allowed.find(each => text.startsWith(`${each}://`));
  if (protocol === undefined) throw refused(text, `an address of ${allowed.join(' or ')}`);
  if (text.length > LONGEST || !PRINTABLE.test(text) || ESCAPED.test(text) || !URL.canParse(text))
    throw refused(text, 'plain ASCII without escaped line ends');
  const url = new URL(text);
  if (url.href !== text) throw refused(text, `the spelling ${url.href}`);
  if (url.username || url.password || url.search || url.hash || text.includes('@') || /[?#]/.test(text))
    throw refused(text, 'no user name, password, query or fragment');
  if (protocol === 'http' && !LOOPBACK.includes(url.hostname))
    throw refused(text, 'https outside of this machine');
  if (protocol === 'file' && url.hostname !== '') throw refused(text, 'no host in a file address');
  return { href: url.href, protocol };
}

function refused(text: string, expected: string) {
  const shown = escapeText(text, 120);
  return fail('GIT_URL', `url: "${shown}", expected ${expected}`, { details: { url: shown } });
}

const LONGEST = 2048;
const PRINTABLE = /^[\x21-\x5b\x5d-\x7e]+$/;
const ESCAPED = /%(?:0[0ad]|5c)/i;
const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];
