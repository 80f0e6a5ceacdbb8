// Which paths a role is trusted with (specification, section 4.5, PATHPATTERN), and where its targets are.
//
//   "??/??/*"  matches  "it/oa/itoa"      and neither  "it/oa/i/toa"  nor  "ito/a/x"
//
// `*` stands for any characters of one segment and `?` for one; neither stands for "/", and every other character for
// itself, on every system. The matcher never goes back beyond the last `*`: at most pattern × path steps.

import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import type { DelegatedRole, SuccinctRoles } from './roles.ts';
import { encodeText } from './utf8.ts';

export function matchesPath(pattern: string, path: string): boolean {
  const patterns = pattern.split('/');
  const segments = path.split('/');
  return (
    patterns.length === segments.length &&
    patterns.every((part, index) => matchesSegment(Array.from(part), Array.from(segments[index] as string)))
  );
}

/** True when `role` may say something about `path`. */
export function isDelegatedPath(role: DelegatedRole, path: string): boolean {
  if (role.paths?.some(pattern => matchesPath(pattern, path)) === true) return true;
  if (role.pathHashPrefixes === undefined || role.pathHashPrefixes.length === 0) return false;
  const hash = encodeHex(sha256(encodeText(path)));
  return role.pathHashPrefixes.some(prefix => hash.startsWith(prefix));
}

/** The bin of `path` (TAP 15): the first bits of its SHA-256, in hex digits enough for the last bin. */
export function succinctRoleName(roles: SuccinctRoles, path: string): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = sha256(encodeText(path));
  const bits = ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0;
  const bin = bits >>> (32 - roles.bitLength);
  const digits = (2 ** roles.bitLength - 1).toString(16).length;
  return `${roles.namePrefix}-${bin.toString(16).padStart(digits, '0')}`;
}

/**
 * Where a target is below `targets/` when the repository has consistent snapshots, as a relative URL path:
 * "it/oa/itoa" is at "it/oa/<sha256>.itoa". Throws `METADATA_PATH` for a path with empty or dot segments.
 */
export function targetUrlPath(path: string, digest: string): string {
  const segments = path.split('/');
  if (segments.some(segment => segment === '' || segment === '.' || segment === '..')) {
    throw fail('METADATA_PATH', `target: path "${escapeText(path, 80)}", expected no empty or dot segments`, {
      details: { path: escapeText(path, 200) },
    });
  }
  const name = segments.pop() as string;
  return [...segments, `${digest}.${name}`].map(encodeURIComponent).join('/');
}

/** Where a role is below `metadata/`: "7.claims.json" with a version, "timestamp.json" without. Every "/" is escaped. */
export function roleUrlPath(name: string, version?: number): string {
  return `${version === undefined ? '' : `${version}.`}${encodeURIComponent(name)}.json`;
}

function matchesSegment(pattern: readonly string[], text: readonly string[]): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at;
      resume = position;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      // The last `*` takes one character more.
      resume += 1;
      position = resume;
      at = star + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every(character => character === '*');
}
