// What a client that trusts version 1 of everything does with a version 2 that is refused.

import type { Case, Versions } from './case-file.ts';
import { DAY, type Files, makeRoot, type Plan, publish, START } from './repository.ts';
import { refusal } from './steps.ts';

export type Role = 'timestamp' | 'snapshot' | 'targets';

export type RoleOptions = NonNullable<Plan['timestamp']>;

export type Given = Pick<Parameters<typeof refusal>[0], 'section' | 'description' | 'reason'> & {
  readonly plan?: Plan;
  readonly files?: Files;
  readonly day?: number;
  readonly limits?: Case['limits'];
  readonly trusted?: Versions;
};

export const LATER = {
  timestamp: { expires: START + 99 * DAY },
  snapshot: { expires: START + 99 * DAY },
  targets: { expires: START + 99 * DAY },
};

/** Refusals of version 2 of a role by a client that trusts version 1 of everything. */
export async function openRefusals(role: Role): Promise<(given: Given) => Promise<Case>> {
  const anchor = await makeRoot();
  const before = [await publish(), [1, 1, 1, 1]] as const;
  const after = [await publish({ version: 3, ...LATER }), [1, 3, 3, 3]] as const;
  const usual: Record<Role, Versions> = {
    timestamp: [1, 1, 1, 1],
    snapshot: [1, 2, 1, 1],
    targets: [1, 2, 2, 1],
  };
  return async ({ plan, files, trusted = usual[role], ...given }) =>
    refusal({
      anchor,
      before,
      serves: files ?? (await publish({ version: 2, ...plan })),
      trusted,
      after,
      ...given,
    });
}
