// Section 5.6.7: the search through delegations.

import { authorityCases } from './authority-cases.ts';
import { ABSENT, type Case } from './case-file.ts';
import { nameCases } from './name-cases.ts';
import { pathCases } from './path-cases.ts';
import { refusedRoles } from './refused-role-cases.ts';
import { FILE, lists, search, type Search, to } from './search.ts';

export async function delegationCases(): Promise<readonly Case[]> {
  return [
    ...(await orderCases()),
    ...(await pathCases()),
    ...(await nameCases()),
    ...(await authorityCases()),
    ...(await refusedRoles()),
  ];
}

async function orderCases(): Promise<readonly Case[]> {
  const terminating = [{ name: 'A', terminating: true }, { name: 'B' }];
  const chain = {
    targets: { delegates: to('A') },
    delegated: { A: { delegates: to('B') }, B: { delegates: to('C') }, C: lists('from C') },
  };
  const searches: readonly Search[] = [
    {
      description: 'a path that the top-level targets list is not looked for below',
      targets: { ...lists('from the top'), delegates: to('A') },
      delegated: { A: lists('from A') },
      finds: { [FILE]: 'from the top' },
      kept: { A: null },
    },
    {
      description: 'the first of two siblings that list the path',
      targets: { delegates: to('A', 'B') },
      delegated: { A: lists('from A'), B: lists('from B') },
      finds: { [FILE]: 'from A' },
      kept: { A: 1, B: null },
    },
    {
      description: 'the second of two siblings, when the first does not list the path',
      targets: { delegates: to('A', 'B') },
      delegated: { A: {}, B: lists('from B') },
      finds: { [FILE]: 'from B' },
      kept: { A: 1, B: 1 },
    },
    {
      description: 'pre-order: what is below the first comes before the second',
      targets: { delegates: to('A', 'B') },
      delegated: { A: { delegates: to('C', 'D') }, B: lists('from B'), C: {}, D: lists('from D') },
      finds: { [FILE]: 'from D' },
      kept: { A: 1, B: null, C: 1, D: 1 },
    },
    {
      description: 'no role lists the path',
      targets: { delegates: to('A', 'B') },
      delegated: { A: {}, B: lists('other', 'dir/other') },
      finds: { [FILE]: ABSENT },
      kept: { A: 1, B: 1 },
    },
    {
      description: 'a terminating role ends the search',
      targets: { delegates: terminating },
      delegated: { A: {}, B: lists('from B') },
      finds: { [FILE]: ABSENT },
      kept: { A: 1, B: null },
    },
    {
      description: 'a terminating role ends the search after what is below it',
      targets: { delegates: terminating },
      delegated: { A: { delegates: to('C') }, B: lists('from B'), C: lists('from C') },
      finds: { [FILE]: 'from C' },
      kept: { B: null },
    },
    {
      description: 'a terminating role further below ends the search for all',
      targets: { delegates: to('A', 'B') },
      delegated: {
        A: { delegates: [{ name: 'C', terminating: true }, { name: 'D' }] },
        B: lists('from B'),
        C: {},
        D: lists('from D'),
      },
      finds: { [FILE]: ABSENT },
      kept: { B: null, D: null },
    },
    {
      description: 'a terminating role of other paths does not end the search',
      targets: { delegates: [{ name: 'A', terminating: true, paths: ['other/*'] }, { name: 'B' }] },
      delegated: { A: {}, B: lists('from B') },
      finds: { [FILE]: 'from B' },
      kept: { A: null },
    },
    {
      description: 'a cycle of two roles',
      targets: { delegates: to('A') },
      delegated: { A: { delegates: to('B') }, B: { delegates: to('A') } },
      finds: { [FILE]: ABSENT },
    },
    {
      description: 'a role that delegates to itself',
      targets: { delegates: to('A', 'B') },
      delegated: { A: { delegates: to('A') }, B: lists('from B') },
      finds: { [FILE]: 'from B' },
    },
    {
      description: 'a diamond',
      targets: { delegates: to('A', 'B') },
      delegated: { A: { delegates: to('C') }, B: { delegates: to('C') }, C: {} },
      finds: { [FILE]: ABSENT },
    },
    {
      description: 'as many delegations as the client visits',
      ...chain,
      finds: { [FILE]: 'from C' },
      limits: { delegations: 3 },
    },
    {
      section: '5.6.7.1',
      description: 'more delegations than the client visits',
      ...chain,
      finds: { [FILE]: { refused: 'delegations' } },
      limits: { delegations: 2 },
    },
  ];
  return Promise.all(searches.map(search));
}
