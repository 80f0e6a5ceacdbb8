// A version after Semantic Versioning 2.0.0, sections 2, 9, 10 and 11, with the bounds of cargo and crates.io.
//
//   1.0.0   0.2.0-alpha.1   1.0.0+build.01          are versions
//   1.0   v1.0.0   01.0.0   1.0.0-01   1.0.0-       are not
//
// - at most 150 characters
// - major, minor and patch are decimal, without leading zeros, below 2^64
// - pre-release identifiers: [0-9A-Za-z-]+, a numeric one without leading zeros
// - build identifiers: [0-9A-Za-z-]+; they take no part in order or identity

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { INDEX_LIMITS } from './limits.ts';

declare const version: unique symbol;

/** A checked version in its exact spelling. */
export type Version = string & { readonly [version]: true };

/** Throws `INDEX_VERSION`. */
export function parseVersion(text: string): Version {
  const { length } = text;
  if (length > INDEX_LIMITS.versionLength) {
    throw fail(
      'INDEX_VERSION',
      `version: ${length} characters, expected at most ${INDEX_LIMITS.versionLength}`,
      {
        details: { length, limit: INDEX_LIMITS.versionLength },
      },
    );
  }
  if (!isVersion(text)) {
    throw fail('INDEX_VERSION', `version: "${escapeText(text)}", expected major.minor.patch`, {
      details: { version: text },
    });
  }
  return text as Version;
}

function isVersion(text: string): boolean {
  const { core, pre, build } = split(text);
  return (
    core.length === 3 &&
    core.every(isU64) &&
    (pre === undefined || pre.split('.').every(isPreReleaseIdentifier)) &&
    (build === undefined || build.split('.').every(part => IDENTIFIER.test(part)))
  );
}

const IDENTIFIER = /^[0-9A-Za-z-]+$/;
const NUMBER = /^(?:0|[1-9][0-9]*)$/;
const DIGITS = /^[0-9]+$/;
const LARGEST_U64 = '18446744073709551615';

/** Decimal, without leading zeros, below 2^64. */
export function isU64(text: string): boolean {
  return NUMBER.test(text) && compareNumbers(text, LARGEST_U64) <= 0;
}

export function isPreReleaseIdentifier(text: string): boolean {
  return IDENTIFIER.test(text) && (!DIGITS.test(text) || NUMBER.test(text));
}

/** Precedence (section 11): negative, zero or positive. Build metadata does not count. */
export function compareVersions(left: Version, right: Version): number {
  const one = split(left);
  const two = split(right);
  for (const [index, number] of one.core.entries()) {
    const order = compareNumbers(number, two.core[index] as string);
    if (order !== 0) return order;
  }
  return comparePreReleases(one.pre, two.pre);
}

/** A version without its build metadata: what may stand only once in an index entry. */
export function withoutBuild(text: Version): string {
  return text.split('+', 1)[0] as string;
}

function comparePreReleases(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined)
    return Number(left === undefined) - Number(right === undefined);
  const one = left.split('.');
  const two = right.split('.');
  for (const [index, identifier] of one.entries()) {
    const other = two[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(identifier, other);
    if (order !== 0) return order;
  }
  return one.length - two.length;
}

function compareIdentifiers(left: string, right: string): number {
  const numeric = Number(DIGITS.test(right)) - Number(DIGITS.test(left));
  if (numeric !== 0) return numeric;
  return DIGITS.test(left) ? compareNumbers(left, right) : compareText(left, right);
}

/** Numbers of any size without leading zeros: the longer one is the larger. */
function compareNumbers(left: string, right: string): number {
  return left.length - right.length || compareText(left, right);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function split(text: string): {
  core: readonly string[];
  pre: string | undefined;
  build: string | undefined;
} {
  const [release, build] = cut(text, '+');
  const [core, pre] = cut(release, '-');
  return { core: core.split('.'), pre, build };
}

function cut(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
