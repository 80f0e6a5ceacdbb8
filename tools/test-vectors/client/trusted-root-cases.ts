// Section 5.2: the root that the user trusts.

import type { Case } from './case-file.ts';
import { makeRoot, publish, START, textOf, withFile } from './repository.ts';
import { accepted, NOTHING, refused } from './steps.ts';
import { keysOf } from './test-keys.ts';

export async function trustedRootCases(): Promise<readonly Case[]> {
  const files = await publish({ targets: { targets: { 'file.txt': 'hello' } } });
  const anchor = await makeRoot();
  const expired = await makeRoot({ expires: START });
  const two = { keys: { root: keysOf('root', 'root-b') }, thresholds: { root: 2 } };
  const unusable = (
    description: string,
    text: string,
    reason: 'signature-threshold' | 'type' | 'format',
  ) => ({
    section: '5.2',
    description,
    anchor: text,
    steps: [refused(files, reason, NOTHING)],
  });
  return [
    {
      section: '5.2',
      description: 'first update of a client that has the first root',
      anchor,
      steps: accepted(files, [1, 1, 1, 1], { targets: { 'file.txt': 'hello' } }),
    },
    {
      section: '5.2',
      description: 'first update of a client that has a later root',
      anchor: await makeRoot({ version: 7 }),
      steps: accepted(withFile(files, 'metadata/8.root.json', await makeRoot({ version: 8 })), [8, 1, 1, 1]),
    },
    {
      section: '5.2',
      description: 'the trusted root has expired, the last one has not',
      anchor: expired,
      steps: [
        refused(files, 'expired', [1, null, null, null]),
        ...accepted(withFile(files, 'metadata/2.root.json', await makeRoot({ version: 2 })), [2, 1, 1, 1]),
      ],
    },
    {
      section: '5.2',
      description: 'a trusted root that two keys of two have signed',
      anchor: await makeRoot(two),
      steps: accepted(files, [1, 1, 1, 1]),
    },
    unusable(
      'a trusted root that one key of two has signed',
      await makeRoot({ ...two, signers: keysOf('root') }),
      'signature-threshold',
    ),
    unusable(
      'a trusted root that a stranger has signed',
      await makeRoot({ signers: keysOf('stranger') }),
      'signature-threshold',
    ),
    unusable('a trusted root that is a timestamp', textOf(files, 'metadata/timestamp.json'), 'type'),
    unusable('a trusted root that is cut off', anchor.slice(0, -40), 'format'),
  ];
}
