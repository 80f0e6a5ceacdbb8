// Section 5.6.7: a search of a client without state.

import type { Case, Step, Target } from './case-file.ts';
import { makeRoot, type Plan, publish, type TargetsOptions } from './repository.ts';
import { offline, taken } from './steps.ts';

export const ALL = [1, 1, 1, 1] as const;

export const FILE = 'dir/file';

export interface Search {
  readonly section?: string;
  readonly description: string;
  readonly targets: TargetsOptions;
  readonly delegated: Readonly<Record<string, TargetsOptions>>;
  readonly finds: Readonly<Record<string, Target>>;
  readonly kept?: Step['kept'];
  readonly plan?: Plan;
  readonly limits?: Case['limits'];
}

/** A search of a client without state; what it finds, another instance finds in the store. */
export async function search(given: Search): Promise<Case> {
  const { section = '5.6.7', description, targets, delegated, finds, kept, plan, limits } = given;
  const { consistent = true } = plan ?? {};
  const files = await publish({ ...plan, targets, delegated });
  const more = { targets: finds, ...(kept && { kept }) };
  const isFound = Object.values(finds).every(outcome => typeof outcome === 'string');
  return {
    section,
    description,
    anchor: await makeRoot({ consistent }),
    ...(limits && { limits }),
    steps: [taken(files, ALL, more), ...(isFound ? [offline(ALL, more)] : [])],
  };
}

export const to = (...names: readonly string[]) => names.map(name => ({ name }));

export const lists = (content: string, path: string = FILE): TargetsOptions => ({
  targets: { [path]: content },
});
