// The files of test-vectors/client, by name.

import { formatCases } from './case-file.ts';
import { delegationCases } from './delegation-cases.ts';
import { fastForwardCases } from './fast-forward-cases.ts';
import { keyTypeCases } from './key-type-cases.ts';
import { updateRootCases } from './root-cases.ts';
import { snapshotCases } from './snapshot-cases.ts';
import { storeCases } from './store-cases.ts';
import { targetCases } from './target-cases.ts';
import { targetsCases } from './targets-cases.ts';
import { timestampCases } from './timestamp-cases.ts';
import { trustedRootCases } from './trusted-root-cases.ts';

const FILES = {
  '4.2-key-types': ['4.2: keys that are not Ed25519', keyTypeCases],
  '5.2-trusted-root': ['5.2: the trusted root', trustedRootCases],
  '5.3-update-root': ['5.3: update the root role', updateRootCases],
  '5.3.11-fast-forward': ['5.3.11: recovery from fast-forward attacks', fastForwardCases],
  '5.4-timestamp': ['5.4: update the timestamp role', timestampCases],
  '5.5-snapshot': ['5.5: update the snapshot role', snapshotCases],
  '5.6-targets': ['5.6: update the targets role', targetsCases],
  '5.6.7-delegations': ['5.6.7: the search through delegations', delegationCases],
  '5.7-target': ['5.7: fetch a target', targetCases],
  store: ['5: damage to the store of the client', storeCases],
} as const;

export type VectorFile = keyof typeof FILES;
export const VECTOR_FILES = Object.keys(FILES) as readonly VectorFile[];

/** The text of one file; the same in every run. */
export async function makeVectorFile(name: VectorFile): Promise<string> {
  const [title, make] = FILES[name];
  return formatCases(title, await make());
}
