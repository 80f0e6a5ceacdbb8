// A file of cases, in the form that test-vectors/client/README.md describes.

import { DAY, type Files, hashOf, START } from './repository.ts';

export type Reason =
  | 'delegations'
  | 'expired'
  | 'format'
  | 'hash'
  | 'length'
  | 'mix'
  | 'no-state'
  | 'not-found'
  | 'rollback'
  | 'root-rotations'
  | 'signature-threshold'
  | 'too-long'
  | 'type'
  | 'version';

/** Of root, timestamp, snapshot and targets; null where nothing is trusted. */
export type Versions = readonly [number | null, number | null, number | null, number | null];

export interface StoreDamage {
  readonly delete?: readonly string[];
  readonly truncate?: readonly string[];
  /** Role to the text that takes the place of its file. */
  readonly replace?: Readonly<Record<string, string>>;
}

/** What comes of one target: its content, nothing, or a refusal. */
export type Target = string | { readonly absent: true } | { readonly refused: Reason };
export const ABSENT: Target = { absent: true };

export interface Step {
  /** Days after the start; 0 unless given. */
  readonly day?: number;
  /** Served by the mirror; without it, the step is made offline. */
  readonly serves?: Files;
  readonly restart?: true;
  readonly store?: StoreDamage;
  readonly targets?: Readonly<Record<string, Target>>;
  /** The targets are looked for in what the refresh before has given. */
  readonly sameRefresh?: true;
  readonly refused?: Reason | readonly Reason[];
  /** After the step: the versions it gave, or those that are still trusted. */
  readonly versions: Versions;
  /** Files of delegated roles that the client keeps after the step. */
  readonly kept?: Readonly<Record<string, number | null>>;
}

export interface Case {
  /** Of the specification, such as "5.4.3.1". */
  readonly section: string;
  readonly description: string;
  readonly anchor: string;
  readonly limits?: Readonly<Record<string, number>>;
  readonly steps: readonly Step[];
}

/** The text of a file of cases. */
export function formatCases(title: string, cases: readonly Case[]): string {
  const files = new Map<string, string>();
  const idOf = (text: string): string => {
    const id = hashOf(text).slice(0, 16);
    files.set(id, text);
    return id;
  };
  const lines = cases.map(each => formatCase(each, idOf));
  const table = [...files].map(([id, text]) => `  ${JSON.stringify(id)}: ${JSON.stringify(text)}`);
  return `{
"title": ${JSON.stringify(title)},
"specification": "1.0.34",
"cases": [
${lines.join(',\n')}
],
"files": {
${table.join(',\n')}
}
}
`;
}

type IdOf = (text: string) => string;

function formatCase({ section, description, anchor, limits, steps }: Case, idOf: IdOf): string {
  const head = { section, description, anchor: idOf(anchor), ...(limits && { limits }) };
  const lines = steps.map(step => `    ${JSON.stringify(stepMembers(step, idOf))}`);
  return `  ${JSON.stringify(head).slice(0, -1)},"steps":[\n${lines.join(',\n')}\n  ]}`;
}

function stepMembers(step: Step, idOf: IdOf): object {
  const { day = 0, serves, store, targets } = step;
  return {
    time: new Date(START + day * DAY).toISOString().replace('.000Z', 'Z'),
    ...(step.restart && { restart: true }),
    ...(store && { store: { ...store, ...(store.replace && { replace: idsOf(store.replace, idOf) }) } }),
    ...(serves && { serves: idsOf(Object.fromEntries(serves), idOf) }),
    action: {
      ...actionOf(step),
      ...(targets && { targets: Object.keys(targets) }),
    },
    expect: expectation(step),
  };
}

function actionOf({ serves, sameRefresh }: Step): object {
  if (sameRefresh) return {};
  return serves ? { refresh: true } : { offline: true };
}

function expectation({ refused, versions, targets, kept }: Step): object {
  const [root, timestamp, snapshot, target] = versions;
  const stated = { root, timestamp, snapshot, targets: target };
  const delegated = kept && { delegated: kept };
  if (refused !== undefined) return { result: 'refused', reason: refused, trusted: stated, ...delegated };
  const outcomes = Object.entries(targets ?? {}).map(([path, outcome]) => [path, outcomeOf(outcome)]);
  return {
    result: 'ok',
    versions: stated,
    ...(targets && { targets: Object.fromEntries(outcomes) as object }),
    ...delegated,
  };
}

function outcomeOf(outcome: Target): unknown {
  if (typeof outcome === 'string') return hashOf(outcome);
  return 'absent' in outcome ? 'absent' : outcome;
}

function idsOf(texts: Readonly<Record<string, string>>, idOf: IdOf): object {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, idOf(text)]));
}
