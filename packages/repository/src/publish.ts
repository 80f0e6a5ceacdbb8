import { parseIndexEntry, parseRegistryConfig } from '@cargo-tuf/crate-index';
import { indexPath } from '@cargo-tuf/crate-index';
import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import type { Leaf, MerkleTree } from '@cargo-tuf/merkle-snapshot';
import { targetUrlPath, type TargetsFields } from '@cargo-tuf/metadata';
import { commit, type CommitResult, entryLeaf, type PublisherContext } from './commit.ts';
import { EPOCH_SPAN } from './create.ts';
import { fail } from './errors.ts';
import type { RoleName } from './policy.ts';
import { type PublishedState, readState } from './state.ts';

export interface Publication {
  /** Lower-case crate name to the bytes of its index entry. */
  readonly entries?: ReadonlyMap<string, Uint8Array>;
  /** Lower-case names of crates to delete: their leaves become tombstones, names never vanish. */
  readonly deleted?: readonly string[];
  /** The bytes of another config.json. Needs the keys of `targets`. */
  readonly config?: Uint8Array;
}

/**
 * Publishes a change, or nothing but fresh expiry times: `crates`, `snapshot` and `timestamp` are signed again each time;
 * `targets` and `claims` when half of their period is over and their keys are at hand. Checks every entry first, and that
 * nothing falls: versions only rise, names never vanish. Throws `REPOSITORY_CONFLICT` when another publisher was faster.
 */
export async function publish(
  context: PublisherContext,
  publication: Publication = {},
): Promise<CommitResult> {
  const state = await readState(context.bytes);
  assertRootNotExpired(context, state);
  const files = new Map<string, Uint8Array>();
  const version = nextTreeVersion(state);
  const leaves = [
    ...entryLeaves(state.tree, publication.entries ?? new Map(), version, files),
    ...(publication.deleted ?? []).map(name => tombstone(state.tree, name, version)),
  ];
  const targets = publication.config && withConfig(state, publication.config, files);
  const signAgain = rolesToSignAgain(context, state);
  if (targets !== undefined) signAgain.add('targets');
  const tree = leaves.length === 0 ? state.tree : state.tree.with(leaves);
  return commit(context, state, {
    ...(targets && { targets }),
    signAgain,
    tree,
    treeVersion: leaves.length === 0 ? (state.crates.value.map?.version ?? version) : version,
    files,
  });
}

/** Offline roles that this change signs again. Throws when one has expired and cannot be signed. */
export function rolesToSignAgain(context: PublisherContext, state: PublishedState): Set<RoleName> {
  const roles = new Set<RoleName>();
  const now = context.clock();
  for (const role of ['targets', 'claims'] as const) {
    const { expires } = state[role].value;
    const hasKeys = (context.signers.get(role)?.length ?? 0) >= context.policy[role].threshold;
    if (expires <= now && !hasKeys) {
      throw fail('REPOSITORY_EXPIRED', `${role}: expired, and its keys are not given`, { details: { role } });
    }
    if (hasKeys && expires - now < context.policy[role].period / 2) roles.add(role);
  }
  return roles;
}

/** For changes that sign no root: no client would accept them. */
export function assertRootNotExpired(context: PublisherContext, state: PublishedState): void {
  if (state.root.value.expires > context.clock()) return;
  throw fail('REPOSITORY_EXPIRED', 'root: expired; sign a new version of root first', {
    details: { role: 'root' },
  });
}

export function nextTreeVersion(state: PublishedState): number {
  const index = state.root.value.index;
  const epoch = index?.kind === 'map' ? index.epoch : 0;
  return Math.max((state.crates.value.map?.version ?? 0) + 1, epoch * EPOCH_SPAN + 1);
}

function entryLeaves(
  tree: MerkleTree,
  entries: ReadonlyMap<string, Uint8Array>,
  version: number,
  files: Map<string, Uint8Array>,
): Leaf[] {
  const leaves: Leaf[] = [];
  for (const [name, bytes] of entries) {
    const path = indexPath(name);
    parseIndexEntry(path, bytes);
    const leaf = entryLeaf(name, version, bytes);
    const present = tree.leaf(name);
    if (present?.kind === 'entry' && equalBytes(present.sha256, leaf.sha256)) continue;
    if (present !== undefined && present.version >= version) {
      throw fail('REPOSITORY_DAMAGED', `${name}: leaf version ${present.version}, expected below ${version}`);
    }
    files.set(`targets/${targetUrlPath(path, encodeHex(leaf.sha256))}`, bytes);
    leaves.push(leaf);
  }
  return leaves;
}

function tombstone(tree: MerkleTree, name: string, version: number): Leaf {
  const present = tree.leaf(name);
  if (present === undefined || present.kind === 'tombstone') {
    throw fail('REPOSITORY_NO_CRATE', `${name}: no such crate in the index`);
  }
  return { name, kind: 'tombstone', version, length: 0, sha256: new Uint8Array(32) };
}

function withConfig(
  state: PublishedState,
  config: Uint8Array,
  files: Map<string, Uint8Array>,
): TargetsFields {
  parseRegistryConfig(config);
  const hash = encodeHex(sha256(config));
  files.set(`targets/${targetUrlPath('config.json', hash)}`, config);
  const targets = new Map(state.targets.value.targets);
  targets.set('config.json', { length: config.length, hashes: new Map([['sha256', hash]]) });
  return { ...state.targets.value, targets };
}
