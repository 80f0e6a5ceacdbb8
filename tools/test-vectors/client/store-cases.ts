// The client's store between two steps: deleted, cut off and exchanged files. What does not verify counts as not there.

import type { Case, StoreDamage, Versions } from './case-file.ts';
import { makeRoot, publish, textOf, withFile } from './repository.ts';
import { offline, refused, taken } from './steps.ts';
import { testKey } from './test-keys.ts';

const FILE = 'dir/file';
const ROLES = ['root', 'timestamp', 'snapshot', 'targets', 'A'] as const;

export async function storeCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const root = await makeRoot({ version: 2 });
  const plan = (version: number, content: string) => ({
    version,
    roots: { 2: root },
    targets: { delegates: [{ name: 'A' }], targets: { top: content } },
    delegated: { A: { targets: { [FILE]: content } } },
  });
  const [first, second] = [await publish(plan(1, 'one')), await publish(plan(2, 'two'))];
  const [one, two] = [
    { top: 'one', [FILE]: 'one' },
    { top: 'two', [FILE]: 'two' },
  ];
  const low: Versions = [2, 1, 1, 1];
  const last: Versions = [2, 2, 2, 2];
  const start = taken(first, low, { targets: one });
  const survived = (description: string, store: StoreDamage): readonly Case[] =>
    [false, true].map(isAgain => ({
      section: '5',
      description: `${description}, ${isAgain ? 'found by another instance' : 'under an instance at work'}`,
      anchor,
      steps: [
        start,
        taken(first, low, { store, targets: one, ...(isAgain && { restart: true as const }) }),
        taken(second, last, { targets: two }),
        offline(last, { targets: two }),
      ],
    }));
  const damaged = ROLES.flatMap(role => [
    ...survived(`${role} is deleted`, { delete: [role] }),
    ...survived(`${role} is cut off`, { truncate: [role] }),
  ]);
  const forged = await publish({ ...plan(9, 'forged'), timestamp: { signers: [testKey('stranger')] } });
  return [
    ...damaged,
    ...survived('everything is deleted', { delete: ROLES }),
    ...survived('everything is cut off', { truncate: ROLES }),
    ...survived('timestamp is one that a stranger has signed', {
      replace: { timestamp: textOf(forged, 'metadata/timestamp.json') },
    }),
    ...survived('targets and snapshot are exchanged', {
      replace: {
        targets: textOf(first, 'metadata/1.snapshot.json'),
        snapshot: textOf(first, 'metadata/1.targets.json'),
      },
    }),
    {
      section: '5',
      description: 'files are deleted and cut off between two targets of one refresh',
      anchor,
      steps: [
        taken(first, low),
        taken(first, low, { sameRefresh: true, targets: { [FILE]: 'one' } }),
        taken(first, low, {
          sameRefresh: true,
          store: { truncate: ['A'], delete: ['snapshot'] },
          targets: { [FILE]: 'one', top: 'one' },
        }),
        taken(first, low, {
          sameRefresh: true,
          store: { delete: ['A'], truncate: ['targets'] },
          targets: one,
        }),
        taken(second, last, { targets: two }),
        offline(last, { targets: two }),
      ],
    },
    {
      section: '5',
      description: 'a floor that is left holds when another is deleted',
      anchor,
      steps: [
        taken(second, last, { targets: two }),
        refused(first, 'rollback', [2, null, 2, 2], { store: { delete: ['timestamp'] }, restart: true }),
        taken(second, last, { targets: two }),
        offline(last, { targets: two }),
      ],
    },
    {
      section: '5',
      description: 'there is nothing offline before the first update, nor after one that was refused',
      anchor,
      steps: [
        { restart: true, refused: 'no-state', versions: [1, null, null, null] },
        refused(withFile(first, 'metadata/1.targets.json', null), 'not-found', [2, 1, 1, null]),
        { restart: true, refused: 'no-state', versions: [2, 1, 1, null] },
        taken(first, low, { targets: one }),
        offline(low, { targets: one }),
      ],
    },
  ];
}
