// What waits for signatures: who has signed, who has yet to, and what it changes, in words.

import { changedPaths, type ObjectId, parseCommit } from '@cargo-tuf/git-object';
import { fail } from '../errors.ts';
import { readRoot } from '../files.ts';
import { readCommit, readTree } from '../objects.ts';
import { keysOf } from '../signatures.ts';
import { openRoot, roleOf, type TrustedRoot } from '../trusted-root.ts';
import type { Base } from './base.ts';
import type { OperatorContext } from './context.ts';
import { isStale, type Proposals, readProposals } from './proposals.ts';
import { signersOf } from './sign-object.ts';
import { type Missing, missingOf, type Need } from './signing-keys.ts';

export interface ProposalStatus {
  readonly kind: 'tip' | 'rotation';
  /** What `countersign` takes. */
  readonly id: ObjectId;
  readonly signers: readonly string[];
  readonly missing: readonly Missing[];
  /** Whether the index has moved on, so that it can no longer be published. */
  readonly isStale: boolean;
  /** Paths that it changes; of a rotation, what becomes of the roles. */
  readonly changes: readonly string[];
}

export async function proposalsOf(context: OperatorContext, base: Base): Promise<readonly ProposalStatus[]> {
  const proposals = await readProposals(context);
  const found: ProposalStatus[] = [];
  if (proposals.rotation !== undefined) found.push(await rotationStatus(context, base, proposals));
  if (proposals.tip !== undefined) found.push(await tipStatus(context, base, proposals.tip));
  return found;
}

async function rotationStatus(
  context: OperatorContext,
  base: Base,
  { rotation, rotationTag }: Proposals,
): Promise<ProposalStatus> {
  const id = rotation as ObjectId;
  const next = await rootIn(context, id);
  const needs: readonly Need[] = [
    { name: 'root, before', role: roleOf(base.trusted, 'root') },
    { name: 'root, after', role: roleOf(next, 'root') },
  ];
  const certificates = [...new Map([...base.trusted.keyring, ...next.keyring]).values()];
  const sign = async (type: 'commit' | 'tag', of: ObjectId) =>
    signersOf(context, type, (await context.repository.read(of)).bytes, certificates);
  const signers = await sign('commit', id);
  const commit = missingOf('commit', needs, signers);
  const tag = rotationTag === undefined ? [] : missingOf('tag', needs, await sign('tag', rotationTag));
  const timestamp = { name: 'timestamp', role: roleOf(next, 'timestamp') };
  const missing = [...commit, ...tag];
  return {
    kind: 'rotation',
    id,
    signers,
    missing: missing.length > 0 ? missing : missingOf('tip', [timestamp], []),
    isStale: next.root.version !== base.trusted.root.version + 1,
    changes: describeRoots(base.trusted, next),
  };
}

async function tipStatus(context: OperatorContext, base: Base, id: ObjectId): Promise<ProposalStatus> {
  const { bytes } = await context.repository.read(id);
  const trusted = await rootIn(context, id);
  const role = roleOf(trusted, 'timestamp');
  const signers = signersOf(context, 'commit', bytes, keysOf(trusted.keyring, role));
  return {
    kind: 'tip',
    id,
    signers,
    missing: missingOf('commit', [{ name: 'timestamp', role }], signers),
    isStale: await isStale(context, base, id),
    changes: await describePaths(context, base.tree, parseCommit(bytes, context.repository.format).tree),
  };
}

async function rootIn(context: OperatorContext, id: ObjectId): Promise<TrustedRoot> {
  const { tree } = (await readCommit(context.repository, id)).commit;
  const bytes = await readRoot(context.repository, tree);
  if (bytes !== undefined) return openRoot(bytes, context);
  throw fail('REGISTRY_FILE_MISSING', `commit ${id}: no root.toml, expected one`, { details: { id } });
}

/** "timestamp: adds openpgp:…" */
function describeRoots(old: TrustedRoot, next: TrustedRoot): readonly string[] {
  const names = new Set([...old.root.roles.keys(), ...next.root.roles.keys()]);
  const changes: string[] = [];
  for (const name of names) {
    const [before, after] = [old.root.roles.get(name), next.root.roles.get(name)];
    for (const keyId of after?.keyIds ?? [])
      if (before?.keyIds.includes(keyId) !== true) changes.push(`${name}: adds ${keyId}`);
    for (const keyId of before?.keyIds ?? [])
      if (after?.keyIds.includes(keyId) !== true) changes.push(`${name}: removes ${keyId}`);
    if (before?.threshold !== after?.threshold)
      changes.push(`${name}: threshold ${before?.threshold ?? 'none'}, then ${after?.threshold ?? 'none'}`);
  }
  return changes;
}

async function describePaths(
  { repository }: OperatorContext,
  before: ObjectId,
  after: ObjectId,
): Promise<readonly string[]> {
  const reader = {
    format: repository.format,
    readTree: (id: ObjectId) => readTree(repository, id),
    limits: { paths: 1_000_000, depth: 16 },
    refuse: (message: string, limit: number) =>
      fail('REGISTRY_LIMIT', `index: ${message}`, { details: { limit } }),
  };
  const changes = new Map<string, string>();
  for await (const { path, before: from, after: to } of changedPaths(reader, before, after))
    changes.set(path, from === undefined ? 'adds' : to === undefined ? 'removes' : 'changes');
  return [...changes.keys()].sort().map(path => `${changes.get(path)} ${path}`);
}
