// Sections 5.6.7 and 5.7: roles and targets whose names are odd.

import { ABSENT, type Case } from './case-file.ts';
import { FILE, lists, search, to } from './search.ts';

const ODD_NAMES = [
  '?',
  '#',
  '%',
  '%2e',
  '../x',
  '..',
  '.',
  '/x',
  'a/b',
  'a\\b',
  'x y',
  'ö',
  'constructor',
  '__proto__',
  'toString',
  '00',
  '0a',
  '10',
  '1.root',
  'A.json',
];

export async function nameCases(): Promise<readonly Case[]> {
  const numbers = ['10', '0a', '2', '00', '1'];
  const targets = Object.fromEntries(
    ['__proto__', 'constructor', '10', '?', '#x', '%41', 'ö', 'a b'].map(name => [
      name,
      `content of ${name}`,
    ]),
  );
  return Promise.all([
    ...ODD_NAMES.map(name =>
      search({
        description: `a role whose name is ${JSON.stringify(name)}`,
        targets: { delegates: [{ name }] },
        delegated: { [name]: lists(`from ${name}`) },
        finds: { [FILE]: `from ${name}`, other: ABSENT },
        kept: { [name]: 1 },
      }),
    ),
    search({
      description: 'roles whose names are numbers keep their order',
      targets: { delegates: to(...numbers) },
      delegated: Object.fromEntries(numbers.map(name => [name, lists(`from ${name}`)])),
      finds: { [FILE]: 'from 10' },
    }),
    search({
      section: '5.7',
      description: 'targets whose names are odd',
      targets: { targets },
      delegated: {},
      finds: targets,
    }),
    search({
      section: '5.7',
      description: 'targets whose names are odd, without consistent snapshots',
      targets: { targets },
      delegated: {},
      finds: targets,
      plan: { consistent: false },
    }),
    search({
      section: '5.7',
      description: 'targets whose names are those of the members of objects are absent',
      targets: {},
      delegated: {},
      finds: { ['__proto__']: ABSENT, constructor: ABSENT, toString: ABSENT },
    }),
  ]);
}
