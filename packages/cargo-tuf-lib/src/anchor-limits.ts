// Limits that an anchor sets for its repository, by name:
//
//   {"json.members":300000,"metadata.targets":300000,"targets":60000000}
//
// Without a prefix they are those of the client (bytes of a file, numbers of requests), with `metadata.` or `json.` those of
// reading a file of metadata. A signed git index has others: `git.` those of fetching, `index.` those of verifying. What is not
// named has its default.

import { JSON_LIMITS } from '@cargo-tuf/canonical-json';
import { CLIENT_LIMITS, type ClientOptions } from '@cargo-tuf/client';
import { escapeText } from '@cargo-tuf/errors';
import { GIT_LIMITS, type GitLimits } from '@cargo-tuf/git-transport';
import { METADATA_LIMITS } from '@cargo-tuf/metadata';
import { REGISTRY_LIMITS, type RegistryLimits } from '@cargo-tuf/registry-commits';
import { fail } from './errors.ts';
import type { AnchorKind } from './mirrors.ts';

export type AnchorLimits = Readonly<Record<string, number>>;

/** Limits of depth and of matching do not depend on the size of a repository: nobody needs more. */
const FIXED: ReadonlySet<string> = new Set([
  'json.depth',
  'metadata.patternStars',
  'metadata.succinctBitLength',
  'index.depth',
]);

/** What an anchor can name, with the defaults. */
export const ANCHOR_LIMITS: ReadonlyMap<string, number> = new Map(
  [
    ...Object.entries(CLIENT_LIMITS),
    ...prefixed('metadata.', METADATA_LIMITS),
    ...prefixed('json.', JSON_LIMITS),
    ...prefixed('git.', GIT_LIMITS),
    ...prefixed('index.', REGISTRY_LIMITS),
  ].filter(([name]) => !FIXED.has(name)),
);

const OF_GIT = /^(?:git|index)\./;

const FACTOR = 1000;
/** Where a thousand times the default would be no limit. */
const HIGHEST: ReadonlyMap<string, number> = new Map([
  ['parallel', 1024],
  // A run holds its snapshot for six hours and no longer; the clock may fall by a month.
  ['run', CLIENT_LIMITS.run],
  ['clockSlack', 30 * CLIENT_LIMITS.clockSlack],
]);

/** "NAME=VALUE" for each, as on a command line. Throws `LIB_LIMIT`. */
export function parseLimits(texts: readonly string[], kind: AnchorKind = 'tuf'): AnchorLimits {
  const limits = new Map<string, number>();
  for (const text of texts) {
    const [, name = '', value = ''] = /^([A-Za-z.]+)=([0-9]{1,15})$/.exec(text) ?? [];
    if (name === '') {
      throw fail('LIB_LIMIT', `limit: "${escapeText(text)}", expected NAME=VALUE with a whole number`);
    }
    if (limits.has(name)) throw fail('LIB_LIMIT', `limit: ${name} stands twice, expected it once`);
    limits.set(name, Number(value));
  }
  return verifyLimits(Object.fromEntries(limits), kind);
}

/** The limits, where each has a name that is known and a value that limits. Throws `LIB_LIMIT`. */
export function verifyLimits(limits: AnchorLimits, kind: AnchorKind): AnchorLimits {
  for (const [name, value] of Object.entries(limits)) {
    const standard = OF_GIT.test(name) === (kind === 'git') ? ANCHOR_LIMITS.get(name) : undefined;
    if (standard === undefined) {
      throw fail('LIB_LIMIT', `limit: "${escapeText(name)}" is unknown`, {
        details: { limit: escapeText(name) },
      });
    }
    const highest = HIGHEST.get(name) ?? standard * FACTOR;
    if (Number.isSafeInteger(value) && value >= 1 && value <= highest) continue;
    throw fail('LIB_LIMIT', `limit: ${name} is ${value}, expected a whole number from 1 to ${highest}`, {
      details: { limit: name, value, highest },
    });
  }
  return limits;
}

/** The options of a client that has these limits. */
export function clientLimits(
  limits: AnchorLimits,
): Required<Pick<ClientOptions, 'limits' | 'metadataLimits' | 'jsonLimits'>> {
  const own = Object.entries(limits).filter(([name]) => !name.includes('.'));
  return {
    limits: Object.fromEntries(own),
    metadataLimits: below(limits, 'metadata.'),
    jsonLimits: below(limits, 'json.'),
  };
}

/** Those of fetching and verifying a signed git index. */
export function gitLimits(limits: AnchorLimits): {
  readonly git: Partial<GitLimits>;
  readonly index: Partial<RegistryLimits>;
} {
  return { git: below(limits, 'git.'), index: below(limits, 'index.') };
}

function below(limits: AnchorLimits, prefix: string): AnchorLimits {
  return Object.fromEntries(
    Object.entries(limits)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

function prefixed(prefix: string, limits: object): [string, number][] {
  return Object.entries(limits).map(([name, value]: [string, number]) => [`${prefix}${name}`, value]);
}
