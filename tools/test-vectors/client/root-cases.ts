// Section 5.3: update the root role.

import type { Case } from './case-file.ts';
import { DAY, makeRoot, publish, START, withFile } from './repository.ts';
import { nextRootRefusals } from './refused-root-cases.ts';
import { accepted, offline, refusal, refused, taken } from './steps.ts';
import { keysOf } from './test-keys.ts';
import { toleratedRoots } from './tolerated-root-cases.ts';

export async function updateRootCases(): Promise<readonly Case[]> {
  return [
    ...(await chainCases()),
    ...(await nextRootRefusals()),
    ...(await toleratedRoots()),
    ...(await expiredRoots()),
  ];
}

/** Chains that are followed to their end. */
async function chainCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const three = { keys: { root: keysOf('root-b', 'root-c', 'root-d') }, thresholds: { root: 2 } };
  const two = { keys: { root: keysOf('root-d', 'root-e') } };
  const roots = {
    2: await makeRoot({ ...three, version: 2, signers: keysOf('root', 'root-b', 'root-c') }),
    3: await makeRoot({ ...two, version: 3, signers: keysOf('root-b', 'root-d') }),
    4: await makeRoot({ version: 4, signers: keysOf('root-e', 'root') }),
  };
  const plain = await makeRoot({ version: 2 });
  const alternating = await makeRoot({ version: 2, consistent: false });
  const many = {
    2: plain,
    3: await makeRoot({ version: 3 }),
    4: await makeRoot({ version: 4, expires: START + 9 * DAY }),
  };
  return [
    {
      section: '5.3',
      description: 'three rotations of the root keys, with thresholds 1 of 1, 2 of 3, 1 of 2, 1 of 1',
      anchor,
      steps: accepted(await publish({ roots }), [4, 1, 1, 1]),
    },
    {
      section: '5.3',
      description: 'the same rotations, one an update, each by another instance',
      anchor,
      steps: [
        taken(await publish({ roots: { 2: roots[2] } }), [2, 1, 1, 1]),
        taken(await publish({ roots: { 2: roots[2], 3: roots[3] } }), [3, 1, 1, 1], { restart: true }),
        // Roots that are trusted already are not asked for again.
        taken(await publish({ roots: { 4: roots[4] } }), [4, 1, 1, 1], { restart: true }),
        offline([4, 1, 1, 1]),
      ],
    },
    {
      section: '5.3.3',
      description: 'the chain ends at the first version that is not there',
      anchor,
      steps: accepted(await publish({ roots: { 3: roots[3] } }), [1, 1, 1, 1]),
    },
    {
      section: '5.3.3',
      description:
        'more roots than one update may follow: what was verified is kept, the next update goes on',
      anchor,
      limits: { rootRotations: 2 },
      steps: [
        // A client that stops without an error finds the third root expired.
        refused(
          await publish({ roots: { ...many, 3: await makeRoot({ version: 3, expires: START }) } }),
          ['root-rotations', 'expired'],
          [3, null, null, null],
        ),
        taken(await publish({ roots: many }), [4, 1, 1, 1]),
        offline([4, 1, 1, 1]),
      ],
    },
    {
      section: '5.3.9',
      description: 'a root that ends consistent snapshots',
      anchor,
      steps: [
        taken(await publish(), [1, 1, 1, 1]),
        ...accepted(
          await publish({ version: 2, consistent: false, roots: { 2: alternating } }),
          [2, 2, 2, 2],
        ),
      ],
    },
    {
      section: '5.3.9',
      description: 'a root that begins consistent snapshots',
      anchor: await makeRoot({ consistent: false }),
      steps: [
        taken(await publish({ consistent: false }), [1, 1, 1, 1]),
        ...accepted(await publish({ version: 2, roots: { 2: plain } }), [2, 2, 2, 2]),
      ],
    },
  ];
}

async function expiredRoots(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const plain = await publish();
  const expired = await makeRoot({ version: 2, expires: START });
  const served = withFile(plain, 'metadata/2.root.json', expired);
  const third = withFile(served, 'metadata/3.root.json', await makeRoot({ version: 3 }));
  const short = withFile(plain, 'metadata/2.root.json', await makeRoot({ version: 2, expires: START + DAY }));
  return [
    {
      section: '5.3.10',
      description: 'a root in between has expired',
      anchor,
      steps: accepted(third, [3, 1, 1, 1]),
    },
    refusal({
      section: '5.3.10',
      description: 'the last root has expired, in the second of the update',
      anchor,
      before: [plain, [1, 1, 1, 1]],
      serves: served,
      reason: 'expired',
      trusted: [2, 1, 1, 1],
      after: [third, [3, 1, 1, 1]],
    }),
    {
      section: '5.3.10',
      description: 'the last root is good until the second in which it expires',
      anchor,
      steps: [
        taken(short, [2, 1, 1, 1], { day: 1 - 1 / 86_400 }),
        refused(short, 'expired', [2, 1, 1, 1], { day: 1 }),
      ],
    },
  ];
}
