// Section 5.6.7: a delegated role that is refused is not kept.

import type { Case, Target } from './case-file.ts';
import {
  DAY,
  type Files,
  makeRoot,
  type Plan,
  publish,
  START,
  type TargetsOptions,
  textOf,
  withFile,
} from './repository.ts';
import { FILE, lists, to } from './search.ts';
import { offline, taken } from './steps.ts';
import { testKey } from './test-keys.ts';

/** A delegated role that is refused is not kept, and its honest file is taken afterwards. */
export async function refusedRoles(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const honest = await publish({
    version: 3,
    targets: { delegates: to('A') },
    delegated: { A: lists('honest') },
  });
  const path = 'metadata/2.A.json';
  const make = (role: TargetsOptions, plan: Plan = {}): Promise<Files> =>
    publish({
      version: 2,
      ...plan,
      targets: { delegates: to('A') },
      delegated: { A: { ...lists('refused'), ...role } },
    });
  const plain = await make({});
  const refuse = (
    description: string,
    serves: Files,
    reason: Extract<Target, { refused: unknown }>['refused'],
  ): Case => ({
    section: '5.6.7',
    description: `a delegated role: ${description}`,
    anchor,
    steps: [
      taken(serves, [1, 2, 2, 2], { targets: { [FILE]: { refused: reason } }, kept: { A: null } }),
      taken(honest, [1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 }, restart: true }),
      offline([1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 } }),
    ],
  });
  const sameLength = textOf(plain, path).replace(
    /"sig":"(.)/,
    (_, digit) => `"sig":"${digit === '0' ? 1 : 0}`,
  );
  return [
    refuse(
      'signed by nobody',
      await make({
        forge: file => {
          file.signatures = [];
        },
      }),
      'signature-threshold',
    ),
    refuse('signed by a stranger', await make({ signers: [testKey('stranger')] }), 'signature-threshold'),
    refuse('other bytes of the same length', withFile(plain, path, sameLength), 'hash'),
    refuse('a byte longer', withFile(plain, path, `${textOf(plain, path)} `), 'length'),
    refuse('is not there', withFile(plain, path, null), 'not-found'),
    refuse('has expired', await make({ expires: START }), 'expired'),
    refuse(
      'another version than the snapshot names',
      await make({ edit: signed => void signed.set('version', 9) }),
      'mix',
    ),
    refuse('is not in the snapshot', await make({}, { snapshot: { named: { A: null } } }), 'mix'),
    refuse(
      'is no targets role',
      await make({ edit: signed => void signed.set('_type', 'snapshot') }),
      'type',
    ),
    {
      section: '5.6.7',
      description: 'a delegated role goes from version to version, in one instance',
      anchor,
      steps: [
        taken(plain, [1, 2, 2, 2], { targets: { [FILE]: 'refused' }, kept: { A: 2 } }),
        taken(honest, [1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 } }),
        offline([1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 } }),
      ],
    },
    {
      section: '5.6.7',
      description: 'a delegated role that is refused leaves the version before in its place',
      anchor,
      steps: [
        taken(plain, [1, 2, 2, 2], { targets: { [FILE]: 'refused' }, kept: { A: 2 } }),
        taken(withFile(honest, 'metadata/3.A.json', sameLength), [1, 3, 3, 3], {
          targets: { [FILE]: { refused: 'hash' } },
          kept: { A: 2 },
        }),
        taken(honest, [1, 3, 3, 3], { targets: { [FILE]: 'honest' }, kept: { A: 3 }, restart: true }),
      ],
    },
    {
      section: '5.6.7',
      description: 'a delegated role that has expired since it was kept',
      anchor,
      steps: [
        taken(await make({ expires: START + DAY }), [1, 2, 2, 2], { targets: { [FILE]: 'refused' } }),
        taken(await make({ expires: START + DAY }), [1, 2, 2, 2], {
          day: 1,
          targets: { [FILE]: { refused: 'expired' } },
        }),
        taken(honest, [1, 3, 3, 3], { day: 1, targets: { [FILE]: 'honest' } }),
      ],
    },
  ];
}
