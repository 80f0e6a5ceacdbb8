import type { PublicKey } from '@cargo-tuf/keys';
import { commit, type CommitResult, type PublisherContext } from './commit.ts';
import { fail } from './errors.ts';
import { nextRoot } from './next-root.ts';
import { rolesToSignAgain } from './publish.ts';
import { keyMap } from './role-keys.ts';
import { publicKeysOf } from './rotate.ts';
import { readState } from './state.ts';

export interface AuditorChange {
  /** All auditors that root shall list. */
  readonly publicKeys: readonly PublicKey[];
  /** How many of them a client requires; 0 while they begin. */
  readonly required: number;
}

/**
 * Says in root who may countersign, and how many a client requires. An auditor's key is of nobody who signs: throws
 * `REPOSITORY_KEY_REUSED` for a key of a role, `REPOSITORY_POLICY` where more are required than listed.
 */
export async function setAuditors(context: PublisherContext, change: AuditorChange): Promise<CommitResult> {
  const { publicKeys, required } = change;
  const state = await readState(context.bytes, []);
  const keys = keyMap(publicKeys);
  if (!Number.isSafeInteger(required) || required < 0 || required > keys.size) {
    throw fail('REPOSITORY_POLICY', `auditors: ${required} of ${keys.size} required`);
  }
  const identities = new Set(publicKeys.map(key => key.identity));
  for (const [role, theirs] of Object.entries(publicKeysOf(state))) {
    if (!theirs.some(key => identities.has(key.identity))) continue;
    throw fail('REPOSITORY_KEY_REUSED', `auditors: have a key of ${role}, expected keys of their own`);
  }
  const root = nextRoot(context, state.root.value);
  const auditors = keys.size === 0 ? undefined : { keys, threshold: required };
  return commit(context, state, {
    root: { ...root, auditors },
    signAgain: rolesToSignAgain(context, state),
    tree: state.tree,
    treeVersion: state.crates.value.map?.version ?? 0,
    files: new Map(),
  });
}
