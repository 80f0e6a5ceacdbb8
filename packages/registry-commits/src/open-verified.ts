// What was verified before, without a network. The kept state is not believed: the rotations are followed from the anchor
// again, and the commit's signatures checked as of when they were made. Expiry is not: `VerifiedRegistry.expires` tells the age.

import { equalBytes } from '@cargo-tuf/keys';
import { parseTomlTargets, TOML_LIMITS } from '@cargo-tuf/metadata';
import { parseSignatures } from '@cargo-tuf/openpgp';
import { fail } from './errors.ts';
import { readRoot, readTimestamp, TARGETS } from './files.ts';
import { assertFloors, type RegistryFloors } from './floors.ts';
import { REGISTRY_LIMITS, type RegistryLimits } from './limits.ts';
import { readCommit, readFile } from './objects.ts';
import type { RegistrySource } from './source.ts';
import { signersOf } from './tip.ts';
import { assertFormat, followToKept, loadState, type StateOptions } from './trusted-state.ts';
import { mintRegistry, type VerifiedRegistry } from './verified-registry.ts';

export interface OpenOptions extends StateOptions {
  readonly source: RegistrySource;
  readonly floors?: RegistryFloors;
  readonly limits?: Partial<RegistryLimits>;
}

/** Throws `REGISTRY_NO_STATE` where nothing was verified yet. */
export async function openVerifiedRegistry(options: OpenOptions): Promise<VerifiedRegistry> {
  const { source, floors = {} } = options;
  const loaded = await loadState(options);
  const { state } = loaded;
  if (state === undefined) throw fail('REGISTRY_NO_STATE', 'trusted state: none, nothing was verified yet');
  assertFormat(state, source.format);
  const { commit, payload } = await readCommit(source, state.commit);
  const bytes = await readRoot(source, commit.tree);
  if (commit.tree !== state.tree || bytes === undefined || commit.signature === undefined)
    throw fail('REGISTRY_STATE', `trusted state: commit ${state.commit} is not what was verified`);
  const limits = { ...REGISTRY_LIMITS, ...options.limits };
  const roots = await followToKept(source, loaded, limits, options);
  // The root of its time: a later one may be trusted already while no tip has it yet.
  const trusted = roots.find(root => equalBytes(root.bytes, bytes));
  if (trusted === undefined)
    throw fail(
      'REGISTRY_STATE',
      `trusted state: commit ${state.commit} has a root.toml that nothing leads to`,
    );
  const armor = commit.signature;
  const made = Math.max(...parseSignatures(armor, options.hashes).map(({ created }) => created));
  const then = { ...options, now: Math.min(made, options.now) };
  const signers = await signersOf(source, commit, { payload, armor }, trusted, then);
  const targets = await readFile(source, commit.tree, TARGETS, TOML_LIMITS.targetsBytes);
  const registry = mintRegistry(source, {
    commit: state.commit,
    tree: state.tree,
    root: trusted.root,
    timestamp: await readTimestamp(source, commit.tree, `commit ${state.commit}`),
    targets: targets === undefined ? undefined : parseTomlTargets(targets),
    signers: signers.map(({ certificate }) => certificate.keyId),
  });
  assertFloors(registry, floors);
  return registry;
}
