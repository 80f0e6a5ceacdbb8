// Section 5.5: update the snapshot role.

import type { Case } from './case-file.ts';
import { contentCases } from './content-cases.ts';
import {
  DAY,
  type Files,
  makeRoot,
  type Members,
  type Plan,
  publish,
  START,
  textOf,
  withFile,
} from './repository.ts';
import { commonCases } from './role-cases.ts';
import type { Given } from './role-refusals.ts';
import { accepted, offline, refusal, refused, taken } from './steps.ts';

export async function snapshotCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const delegates = [{ name: 'A' }];
  const withA = (version: number, plan: Plan = {}): Promise<Files> =>
    publish({
      version,
      ...plan,
      targets: { delegates, ...plan.targets },
      delegated: { A: {}, ...plan.delegated },
    });
  const before = [await withA(2), [1, 2, 2, 2]] as const;
  const after = [await withA(4), [1, 4, 4, 4]] as const;
  const roll = (
    section: string,
    description: string,
    serves: Files,
    reason: Given['reason'] = 'rollback',
  ): Case => refusal({ section, description, anchor, before, serves, reason, trusted: [1, 3, 2, 2], after });
  const shortLived = await withA(2, { snapshot: { expires: START + DAY } });
  const lowered = await withA(3, { targets: { version: 1 } });
  return [
    ...(await commonCases(
      'snapshot',
      step => ({ fetch: '5.5.1', signature: '5.5.3', freeze: '5.5.6' })[step],
    )),
    ...(await contentCases('snapshot', '5.5.2', '5.5.4')),
    roll('5.5.5', 'a lower version of targets', lowered),
    roll(
      '5.5.5',
      'a lower version of a delegated role',
      await withA(3, { delegated: { A: { version: 1 } } }),
    ),
    roll('5.5.5', 'a delegated role is gone', await withA(3, { snapshot: { named: { A: null } } })),
    roll('5.5.5', 'targets is gone', await withA(3, { snapshot: { edit: dropTargets } }), [
      'rollback',
      'format',
      'mix',
    ]),
    {
      section: '5.5.5',
      description:
        'a lower version of targets, after the trusted snapshot has expired and the client has started again',
      anchor,
      steps: [
        taken(shortLived, [1, 2, 2, 2]),
        refused(lowered, 'rollback', [1, 3, 2, 2], { day: 2, restart: true }),
        taken(after[0], after[1], { day: 2, restart: true }),
        offline(after[1], { day: 2 }),
      ],
    },
    {
      section: '5.5.5',
      description: 'a role more, and the same version of the others',
      anchor,
      steps: [
        taken(await publish(), [1, 1, 1, 1]),
        ...accepted(
          await publish({ version: 2, targets: { version: 1 }, snapshot: { named: { B: { version: 5 } } } }),
          [1, 2, 2, 1],
        ),
      ],
    },
    {
      section: '5.5.7',
      description: 'a verified snapshot is kept although the update fails later, and is a floor',
      anchor,
      steps: [
        taken(await publish(), [1, 1, 1, 1]),
        refused(
          withFile(await publish({ version: 2 }), 'metadata/2.targets.json', null),
          'not-found',
          [1, 2, 2, 1],
        ),
        refused(await publish({ version: 3, targets: { version: 1 } }), 'rollback', [1, 3, 2, 1], {
          restart: true,
        }),
        ...accepted(await publish({ version: 4 }), [1, 4, 4, 4]),
      ],
    },
    {
      section: '5.5.1',
      description: 'without consistent snapshots',
      anchor: await makeRoot({ consistent: false }),
      steps: [
        taken(await publish({ consistent: false }), [1, 1, 1, 1]),
        refused(
          withFile(
            await publish({ consistent: false, version: 2 }),
            'metadata/snapshot.json',
            textOf(await publish({ consistent: false }), 'metadata/snapshot.json'),
          ),
          ['hash', 'length'],
          [1, 2, 1, 1],
        ),
        ...accepted(await publish({ consistent: false, version: 2 }), [1, 2, 2, 2]),
      ],
    },
  ];
}

/** Leaves "targets.json" out of what a snapshot names. */
function dropTargets(signed: Members): void {
  const meta = new Map(signed.get('meta') as Members);
  meta.delete('targets.json');
  signed.set('meta', meta);
}
