// A version requirement in the spelling that an index uses, which is how cargo's semver library prints it.
//
//   1.2 → ^1.2      >= 1, <3 → >=1, <3      1.* → 1.*      =1.2.3+build → =1.2.3      * → *

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { isPreReleaseIdentifier, isU64 } from './version.ts';

const MAX_COMPARATORS = 32;

/** Throws `INDEX_REQUIREMENT`. */
export function normaliseRequirement(text: string): string {
  const trimmed = trimSpaces(text);
  if (isWildcard(trimmed)) return '*';
  const comparators = trimmed.split(',').map(part => normaliseComparator(trimSpaces(part)));
  if (comparators.length > MAX_COMPARATORS || comparators.includes(undefined)) {
    throw fail('INDEX_REQUIREMENT', `version requirement: "${escapeText(text)}" is not one`, {
      details: { requirement: text },
    });
  }
  return comparators.join(', ');
}

// Operator, major, then minor and patch (each may be a wildcard), then pre-release and build.
const COMPARATOR =
  /^(=|>=|>|<=|<|~|\^)? *([0-9]+)(?:\.([0-9]+|[*xX])(?:\.([0-9]+|[*xX])(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?)?)?$/;

function normaliseComparator(text: string): string | undefined {
  const match = COMPARATOR.exec(text);
  if (match === null) return undefined;
  const [, operator, major, minor, patch, pre, build] = match;
  const numbers = [major, minor, patch].filter(part => part !== undefined);
  const wildcard = numbers.findIndex(isWildcard);
  const kept = wildcard < 0 ? numbers : numbers.slice(0, wildcard);
  const isWell =
    kept.every(isU64) &&
    (wildcard < 0 || numbers.slice(wildcard).every(isWildcard)) &&
    (wildcard < 0 || (pre === undefined && build === undefined)) &&
    (pre?.split('.').every(isPreReleaseIdentifier) ?? true) &&
    (build?.split('.').every(part => part !== '') ?? true);
  if (!isWell) return undefined;
  const release = kept.join('.') + (pre === undefined ? '' : `-${pre}`);
  if (operator !== undefined) return operator + release;
  return wildcard < 0 ? `^${release}` : `${release}.*`;
}

function isWildcard(text: string): boolean {
  return text === '*' || text === 'x' || text === 'X';
}

function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (text[start] === ' ') start += 1;
  while (end > start && text[end - 1] === ' ') end -= 1;
  return text.slice(start, end);
}
