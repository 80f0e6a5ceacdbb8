// Section 5.6.7: by whose keys a delegated role counts.

import type { Case } from './case-file.ts';
import { FILE, lists, search, type Search, to } from './search.ts';
import { testKey } from './test-keys.ts';

export async function authorityCases(): Promise<readonly Case[]> {
  const [mine, other] = [[testKey('team-a')], [testKey('team-b')]];
  const both = [...mine, ...other];
  const diamond: Omit<Search, 'description' | 'finds'> = {
    targets: {
      delegates: [
        { name: 'A', paths: ['team-a/*'] },
        { name: 'B', paths: ['team-b/*'] },
      ],
    },
    delegated: {
      A: { delegates: [{ name: 'C', paths: ['*/*'], keys: mine }] },
      B: { delegates: [{ name: 'C', paths: ['*/*'], keys: other }] },
      C: { signers: mine, targets: { 'team-a/x': 'a', 'team-b/x': 'b' } },
    },
  };
  const pair = { targets: { delegates: [{ name: 'A', keys: both, threshold: 2 }] } };
  const searches: readonly Search[] = [
    {
      description: 'diamond: a role counts under the delegation whose keys have signed it',
      ...diamond,
      finds: { 'team-a/x': 'a' },
    },
    {
      description: 'diamond: a role that was verified for one delegator is not verified for another',
      ...diamond,
      finds: { 'team-a/x': 'a', 'team-b/x': { refused: 'signature-threshold' } },
    },
    {
      description: 'diamond: a role that both delegators have keys for',
      ...diamond,
      delegated: { ...diamond.delegated, C: { ...diamond.delegated['C'], signers: both } },
      finds: { 'team-a/x': 'a', 'team-b/x': 'b' },
    },
    {
      description: 'two keys of two have signed',
      ...pair,
      delegated: { A: { ...lists('from A'), signers: both } },
      finds: { [FILE]: 'from A' },
    },
    {
      description: 'one key of two has signed, with a threshold of 2',
      ...pair,
      delegated: { A: { ...lists('from A'), signers: mine } },
      finds: { [FILE]: { refused: 'signature-threshold' } },
      kept: { A: null },
    },
    {
      description: 'signed by the key of top-level targets, which does not delegate to itself',
      targets: { delegates: to('A') },
      delegated: { A: { ...lists('from A'), signers: [testKey('targets')] } },
      finds: { [FILE]: { refused: 'signature-threshold' } },
      kept: { A: null },
    },
    {
      description: 'each key by its own delegator',
      targets: { delegates: [{ name: 'A', keys: mine }] },
      delegated: {
        A: { signers: mine, delegates: [{ name: 'B', keys: other }] },
        B: { signers: other, ...lists('from B') },
      },
      finds: { [FILE]: 'from B' },
    },
    {
      description: 'without consistent snapshots',
      targets: { delegates: to('A') },
      delegated: { A: lists('from A') },
      finds: { [FILE]: 'from A' },
      plan: { consistent: false },
    },
  ];
  return Promise.all(searches.map(search));
}
