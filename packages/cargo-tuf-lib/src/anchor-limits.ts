// Limits that an anchor sets for its repository, by name:
//
//   {"json.members":300000,"metadata.targets":300000,"targets":60000000}
//
// Without a prefix they are those of the client (bytes of a file, numbers of requests), with one those of reading a file of
// metadata. What is not named has its default.

import { JSON_LIMITS } from '@cargo-tuf/canonical-json';
import { CLIENT_LIMITS, type ClientOptions } from '@cargo-tuf/client';
import { escapeText } from '@cargo-tuf/errors';
import { METADATA_LIMITS } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';

export type AnchorLimits = Readonly<Record<string, number>>;

/** Limits of depth and of matching do not depend on the size of a repository: nobody needs more. */
const FIXED: ReadonlySet<string> = new Set([
  'json.depth',
  'metadata.patternStars',
  'metadata.succinctBitLength',
]);

/** What an anchor can name, with the defaults. */
export const ANCHOR_LIMITS: ReadonlyMap<string, number> = new Map(
  [
    ...Object.entries(CLIENT_LIMITS),
    ...prefixed('metadata.', METADATA_LIMITS),
    ...prefixed('json.', JSON_LIMITS),
  ].filter(([name]) => !FIXED.has(name)),
);

const FACTOR = 1000;
/** Where a thousand times the default would be no limit. */
const HIGHEST: ReadonlyMap<string, number> = new Map([
  ['parallel', 1024],
  // A run holds its snapshot for six hours and no longer; the clock may fall by a month.
  ['run', CLIENT_LIMITS.run],
  ['clockSlack', 30 * CLIENT_LIMITS.clockSlack],
]);

/** "NAME=VALUE" for each, as on a command line. Throws `LIB_LIMIT`. */
export function parseLimits(texts: readonly string[]): AnchorLimits {
  const limits = new Map<string, number>();
  for (const text of texts) {
    const [, name = '', value = ''] = /^([A-Za-z.]+)=([0-9]{1,15})$/.exec(text) ?? [];
    if (name === '') {
      throw fail('LIB_LIMIT', `limit: "${escapeText(text)}", expected NAME=VALUE with a whole number`);
    }
    if (limits.has(name)) throw fail('LIB_LIMIT', `limit: ${name} stands twice, expected it once`);
    limits.set(name, Number(value));
  }
  return verifyLimits(Object.fromEntries(limits));
}

/** The limits, where each has a name that is known and a value that limits. Throws `LIB_LIMIT`. */
export function verifyLimits(limits: AnchorLimits): AnchorLimits {
  for (const [name, value] of Object.entries(limits)) {
    const standard = ANCHOR_LIMITS.get(name);
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
  const below = (prefix: string): AnchorLimits =>
    Object.fromEntries(
      Object.entries(limits)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  const own = Object.entries(limits).filter(([name]) => !name.includes('.'));
  return {
    limits: Object.fromEntries(own),
    metadataLimits: below('metadata.'),
    jsonLimits: below('json.'),
  };
}

function prefixed(prefix: string, limits: object): [string, number][] {
  return Object.entries(limits).map(([name, value]: [string, number]) => [`${prefix}${name}`, value]);
}
