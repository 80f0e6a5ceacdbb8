import { parseRegistryConfig } from '@cargo-tuf/crate-index';
import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import type { Leaf, MerkleTree } from '@cargo-tuf/merkle-snapshot';
import { targetUrlPath, type TargetsFields } from '@cargo-tuf/metadata';
import { nextChanges } from './changes.ts';
import { CheckedEntry } from './checked-entry.ts';
import { commit, type CommitResult, entryPath, type NextState, type PublisherContext } from './commit.ts';
import { EPOCH_SPAN } from './create.ts';
import { fail } from './errors.ts';
import type { RoleName } from './policy.ts';
import type { PublishedBytes } from './published-bytes.ts';
import { usableSigners } from './role-keys.ts';
import {
  delegatedKeys,
  isSignedUnder,
  type PublishedState,
  readLeaves,
  readState,
  topLevelKeys,
} from './state.ts';

export interface Publication {
  /** Lower-case crate name to the bytes of its index entry, or to what they were parsed to. */
  readonly entries?: ReadonlyMap<string, Uint8Array | CheckedEntry>;
  /** Lower-case names of crates to delete: their leaves become tombstones, names never vanish. */
  readonly deleted?: readonly string[];
  /** The bytes of another config.json. Needs the keys of `targets`. */
  readonly config?: Uint8Array;
  /**
   * The state that these entries were computed from, with the leaves of their names; read anew unless given. When another state
   * is published meanwhile, the entries would take back what it added: `REPOSITORY_CONFLICT`.
   */
  readonly base?: PublishedState;
}

/**
 * Publishes a change, or nothing but fresh expiry times: `crates`, `snapshot` and `timestamp` are signed again each time;
 * `targets` and `claims` when half of their period is over and their keys are at hand. Checks every entry first, and that
 * nothing falls: versions only rise, names never vanish. Throws `REPOSITORY_CONFLICT` when another publisher was faster, and
 * repairs what a publish or a rotation that was cut off left behind.
 */
export async function publish(
  context: PublisherContext,
  publication: Publication = {},
): Promise<CommitResult> {
  const { entries = new Map<string, Uint8Array>(), deleted = [] } = publication;
  const names = [...entries.keys(), ...deleted];
  const state = publication.base ?? (await readState(context.bytes, names));
  assertRootNotExpired(context, state);
  const files = new Map<string, Uint8Array>();
  const version =
    entries.size + deleted.length === 0 ? (state.crates.value.map?.version ?? 0) : nextTreeVersion(state);
  const leaves = [
    ...entryLeaves(state.tree, entries, version, files),
    ...deleted.map(name => tombstone(state.tree, name, version)),
  ];
  const targets = publication.config && withConfig(state, publication.config, files);
  const signAgain = rolesToSignAgain(context, state);
  if (targets !== undefined) signAgain.add('targets');
  const { before, next } = await changeTree(context.bytes, state, version, leaves);
  return commit(context, before, {
    ...(targets && { targets }),
    signAgain,
    ...next,
    files: new Map([...files, ...next.files]),
  });
}

/**
 * Offline roles that this change signs again: those that are half over, where their keys are at hand, and targets that a
 * rotation which was cut off left signed by the keys of before. Throws when one has expired and cannot be signed.
 */
export function rolesToSignAgain(context: PublisherContext, state: PublishedState): Set<RoleName> {
  const roles = new Set<RoleName>();
  const now = context.clock();
  const root = state.root.value;
  const keysOf = {
    targets: { keys: root.keys, role: topLevelKeys(root, 'targets') },
    claims: delegatedKeys(state.targets.value, 'claims'),
  };
  for (const name of ['targets', 'claims'] as const) {
    const { expires } = state[name].value;
    const { keys, role } = keysOf[name];
    const hasKeys = usableSigners(context.signers, name, keys, role).length >= role.threshold;
    if (expires <= now && !hasKeys) {
      throw fail('REPOSITORY_EXPIRED', `${name}: expired, and its keys are not given`, {
        details: { role: name },
      });
    }
    if (hasKeys && expires - now < context.policy[name].period / 2) roles.add(name);
  }
  if (!isSignedUnder(root, 'targets', state.targets.bytes)) roles.add('targets');
  return roles;
}

/** The map with some leaves changed; and the state before, of which all is read where all tiles have to be written anew. */
async function changeTree(
  bytes: PublishedBytes,
  state: PublishedState,
  version: number,
  leaves: readonly Leaf[],
): Promise<{
  readonly before: PublishedState;
  readonly next: Pick<NextState, 'tree' | 'treeVersion' | 'changes' | 'files'>;
}> {
  const standing = state.crates.value.map?.version ?? 0;
  if (leaves.length === 0)
    return { before: state, next: { tree: state.tree, treeVersion: standing, files: new Map() } };
  const names = leaves.map(({ name }) => name);
  const { windows, files } = await nextChanges(bytes, state, version, names);
  const next = { treeVersion: version, changes: windows, files };
  const tree = state.tree.with(leaves);
  if (tree.isCutAs(state.tree)) return { before: state, next: { ...next, tree } };
  const whole = await readLeaves(bytes, state);
  return { before: { ...state, tree: whole }, next: { ...next, tree: whole.with(leaves) } };
}

/** For changes that sign no root: no client would accept them. */
export function assertRootNotExpired(context: PublisherContext, state: PublishedState): void {
  if (state.root.value.expires > context.clock()) return;
  throw fail('REPOSITORY_EXPIRED', 'root: expired; sign a new version of root first', {
    details: { role: 'root' },
  });
}

/** Throws `REPOSITORY_EPOCH` at the end of an epoch, which only a thief of the online keys can have reached. */
function nextTreeVersion(state: PublishedState): number {
  const epoch = epochOf(state);
  const version = Math.max((state.crates.value.map?.version ?? 0) + 1, epoch * EPOCH_SPAN + 1);
  if (version < (epoch + 1) * EPOCH_SPAN) return version;
  throw fail('REPOSITORY_EPOCH', `crates: tree version ${version}, expected one of epoch ${epoch}`, {
    details: { version, epoch },
  });
}

export function epochOf(state: PublishedState): number {
  const { index } = state.root.value;
  return index?.kind === 'map' ? index.epoch : 0;
}

function entryLeaves(
  tree: MerkleTree,
  entries: ReadonlyMap<string, Uint8Array | CheckedEntry>,
  version: number,
  files: Map<string, Uint8Array>,
): Leaf[] {
  const leaves: Leaf[] = [];
  for (const [name, given] of entries) {
    const { bytes, sha256 } = entryOf(name, given);
    const leaf: Leaf = { name, kind: 'entry', version, length: bytes.length, sha256 };
    const present = tree.leaf(name);
    if (present?.kind === 'entry' && equalBytes(present.sha256, leaf.sha256)) continue;
    if (present !== undefined && present.version >= version) {
      throw fail('REPOSITORY_DAMAGED', `${name}: leaf version ${present.version}, expected below ${version}`);
    }
    files.set(entryPath(leaf), bytes);
    leaves.push(leaf);
  }
  return leaves;
}

/** One that was checked for another crate is refused as its bytes are. */
function entryOf(name: string, given: Uint8Array | CheckedEntry): CheckedEntry {
  if (!(given instanceof CheckedEntry)) return CheckedEntry.of(name, given);
  return given.lowerName === name ? given : CheckedEntry.of(name, given.bytes);
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
