// Section 5.6: update the targets role.

import type { Case } from './case-file.ts';
import { contentCases } from './content-cases.ts';
import { makeRoot, type Members, publish } from './repository.ts';
import { commonCases } from './role-cases.ts';
import { openRefusals } from './role-refusals.ts';
import { accepted, taken } from './steps.ts';

export async function targetsCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const refuse = await openRefusals('targets');
  return [
    ...(await commonCases(
      'targets',
      step => ({ fetch: '5.6.1', signature: '5.6.3', freeze: '5.6.5' })[step],
    )),
    ...(await contentCases('targets', '5.6.2', '5.6.4')),
    await refuse({
      section: '5.6.3',
      description: 'a target without hashes',
      plan: {
        targets: {
          edit: signed => void signed.set('targets', new Map([['file.txt', new Map([['length', 5]])]])),
        },
      },
      reason: 'format',
    }),
    await refuse({
      section: '5.6.3',
      description: 'two delegated roles of one name',
      plan: { targets: { delegates: [{ name: 'A' }], edit: signed => repeatDelegation(signed) } },
      reason: 'format',
    }),
    {
      section: '5.6.6',
      description: 'targets are exchanged, and another instance finds the last',
      anchor,
      steps: [
        taken(await publish({ targets: { targets: { 'a.txt': 'one' } } }), [1, 1, 1, 1], {
          targets: { 'a.txt': 'one' },
        }),
        ...accepted(await publish({ version: 2, targets: { targets: { 'a.txt': 'two' } } }), [1, 2, 2, 2], {
          targets: { 'a.txt': 'two' },
        }),
      ],
    },
    {
      section: '5.6.1',
      description: 'without consistent snapshots',
      anchor: await makeRoot({ consistent: false }),
      steps: accepted(await publish({ consistent: false }), [1, 1, 1, 1]),
    },
  ];
}

/** Every delegation twice. */
function repeatDelegation(signed: Members): void {
  const delegations = new Map(signed.get('delegations') as Members);
  const roles = delegations.get('roles') as readonly never[];
  signed.set('delegations', delegations.set('roles', [...roles, ...roles]));
}
