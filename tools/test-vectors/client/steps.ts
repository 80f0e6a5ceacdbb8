// The steps that many cases are made of.

import type { Case, Reason, Step, Versions } from './case-file.ts';
import type { Files } from './repository.ts';

export const NOTHING: Versions = [null, null, null, null];

/** A refresh that is accepted. */
export const taken = (serves: Files, versions: Versions, more: Partial<Step> = {}): Step => ({
  serves,
  versions,
  ...more,
});

/** A refresh that is refused; `trusted` is what is trusted after it. */
export const refused = (
  serves: Files,
  reason: Reason | readonly Reason[],
  trusted: Versions,
  more: Partial<Step> = {},
): Step => ({ serves, refused: reason, versions: trusted, ...more });

/** Another instance finds the same state in the store, without a mirror. */
export const offline = (versions: Versions, more: Partial<Step> = {}): Step => ({
  restart: true,
  versions,
  ...more,
});

/** Accepted, by a client without state, and found again in its store. */
export const accepted = (serves: Files, versions: Versions, more: Partial<Step> = {}): readonly Step[] => [
  taken(serves, versions, more),
  offline(versions, more),
];

export interface Refusal {
  readonly section: string;
  readonly description: string;
  readonly anchor: string;
  readonly limits?: Case['limits'];
  /** The honest state before; without it, the client has none. */
  readonly before?: readonly [Files, Versions];
  readonly day?: number;
  readonly serves: Files;
  readonly reason: Reason | readonly Reason[];
  readonly trusted: Versions;
  /** The honest state after. */
  readonly after: readonly [Files, Versions];
}

/** What is refused is not kept: honest files are accepted after it, and are what another instance finds. */
export function refusal(given: Refusal): Case {
  const { section, description, anchor, limits, before, day = 0, serves, reason, trusted, after } = given;
  return {
    section,
    description,
    anchor,
    ...(limits && { limits }),
    steps: [
      ...(before ? [taken(...before)] : []),
      refused(serves, reason, trusted, { day }),
      taken(...after, { day, restart: true }),
      offline(after[1], { day }),
    ],
  };
}
