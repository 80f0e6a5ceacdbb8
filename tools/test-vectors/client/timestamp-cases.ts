// Section 5.4: update the timestamp role.

import type { Case } from './case-file.ts';
import { DAY, makeRoot, publish, START, textOf, withFile } from './repository.ts';
import { commonCases } from './role-cases.ts';
import { LATER, openRefusals } from './role-refusals.ts';
import { accepted, offline, refusal, refused, taken } from './steps.ts';

export async function timestampCases(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const refuse = await openRefusals('timestamp');
  const [first, second] = [await publish(), await publish({ version: 2 })];
  const third = [await publish({ version: 3, ...LATER }), [1, 3, 3, 3]] as const;
  const again = await publish({ timestamp: { named: { version: 7 }, expires: START + 60 * DAY } });
  const late = await publish({ ...LATER });
  return [
    ...(await commonCases(
      'timestamp',
      step => ({ fetch: '5.4.1', signature: '5.4.2', freeze: '5.4.4' })[step],
    )),
    await refuse({
      section: '5.4.2',
      description: 'cut off',
      files: withFile(
        second,
        'metadata/timestamp.json',
        textOf(second, 'metadata/timestamp.json').slice(0, 99),
      ),
      reason: 'format',
    }),
    await refuse({
      section: '5.4.2',
      description: 'a member twice',
      files: withFile(
        second,
        'metadata/timestamp.json',
        textOf(second, 'metadata/timestamp.json').replace('"version":2', '"version":1,"version":2'),
      ),
      reason: ['format', 'signature-threshold'],
    }),
    await refuse({
      section: '5.4.2',
      description: 'names no snapshot',
      plan: { timestamp: { edit: signed => void signed.set('meta', new Map()) } },
      reason: 'format',
    }),
    refusal({
      section: '5.4.3.1',
      description: 'a lower version',
      anchor,
      before: [second, [1, 2, 2, 2]],
      serves: first,
      reason: 'rollback',
      trusted: [1, 2, 2, 2],
      after: third,
    }),
    refusal({
      section: '5.4.3.1',
      description: 'a lower version that names the same snapshot',
      anchor,
      before: [second, [1, 2, 2, 2]],
      serves: await publish({ version: 2, timestamp: { version: 1, expires: START + 60 * DAY } }),
      reason: 'rollback',
      trusted: [1, 2, 2, 2],
      after: third,
    }),
    refusal({
      section: '5.4.3.1',
      description: 'a lower version, after the trusted one has expired',
      anchor,
      before: [second, [1, 2, 2, 2]],
      day: 31,
      serves: late,
      reason: 'rollback',
      trusted: [1, 2, 2, 2],
      after: third,
    }),
    {
      section: '5.4.3.1',
      description: 'a lower version, after the trusted one has expired and the client has started again',
      anchor,
      steps: [
        taken(second, [1, 2, 2, 2]),
        refused(late, 'rollback', [1, 2, 2, 2], { day: 31, restart: true }),
        taken(...third, { day: 31, restart: true }),
        offline(third[1], { day: 31 }),
      ],
    },
    {
      section: '5.4.3.1',
      description: 'the same version again',
      anchor,
      steps: [
        taken(first, [1, 1, 1, 1]),
        taken(first, [1, 1, 1, 1]),
        ...accepted(first, [1, 1, 1, 1], { restart: true }),
      ],
    },
    {
      section: '5.4.3.1',
      description: 'the same version with another content is left aside, and is no error',
      anchor,
      steps: [
        taken(first, [1, 1, 1, 1]),
        ...accepted(again, [1, 1, 1, 1], { restart: true }),
        // The expiry of the other content does not count either.
        refused(again, 'expired', [1, 1, 1, 1], { day: 31 }),
      ],
    },
    refusal({
      section: '5.4.3.2',
      description: 'a higher version that names a lower snapshot',
      anchor,
      before: [second, [1, 2, 2, 2]],
      serves: await publish({ timestamp: { version: 3 } }),
      reason: 'rollback',
      trusted: [1, 2, 2, 2],
      after: third,
    }),
    {
      section: '5.4.5',
      description: 'a verified timestamp is kept although the update fails later, and is a floor',
      anchor,
      steps: [
        taken(first, [1, 1, 1, 1]),
        refused(withFile(second, 'metadata/2.snapshot.json', null), 'not-found', [1, 2, 1, 1]),
        refused(first, 'rollback', [1, 2, 1, 1], { restart: true }),
        ...accepted(second, [1, 2, 2, 2]),
      ],
    },
  ];
}
