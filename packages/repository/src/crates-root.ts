// The roots of tuf-crates as targets of the releases: crates-root/1.root.json, crates-root/2.root.json, …, byte for byte. A client
// that trusts the registry through the releases follows them one after the other, and wants to end at the highest.

import { isTufError } from '@cargo-tuf/errors';
import { equalBytes } from '@cargo-tuf/keys';
import { parseEnvelope, parseRoot, type Root, verifyRole } from '@cargo-tuf/metadata';
import type { NextReleases, ReleasesResult } from './commit-releases.ts';
import { fail } from './errors.ts';
import { addTargets, commitTargets } from './publish-targets.ts';
import { publisherOf, type ReleasesContext } from './release-roles.ts';
import { delegateOf, readReleases, type ReleasesState, readTarget } from './releases-state.ts';
import { topLevelKeys } from './state.ts';

export interface CratesRootOptions {
  /**
   * Lists a root that the one before it did not sign: the keys of the registry are lost or stolen, and the quorum of root vouches
   * for new ones. Clients refuse it until their users say `trust reanchor`.
   */
  readonly reanchor?: boolean;
}

export function cratesRootPath(version: number): string {
  return `crates-root/${version}.root.json`;
}

/**
 * Lists the roots of a registry: `roots` are all of them, version 1 first. Those that are listed already must be the same bytes.
 * Throws `REPOSITORY_CRATES_ROOT` where one is missing, changed, or does not follow the one before it.
 */
export async function publishCratesRoot(
  context: ReleasesContext,
  roots: readonly Uint8Array[],
  { reanchor = false }: CratesRootOptions = {},
): Promise<ReleasesResult> {
  const publisher = publisherOf(context);
  const state = await readReleases(context.bytes);
  const next = await planCratesRoot(context, state, roots, { reanchor });
  return commitTargets(publisher, state, next);
}

/** What a listing changes. */
export async function planCratesRoot(
  { bytes: published }: Pick<ReleasesContext, 'bytes'>,
  state: ReleasesState,
  roots: readonly Uint8Array[],
  { reanchor = false }: CratesRootOptions,
): Promise<NextReleases> {
  const role = delegateOf(state, 'crates-root');
  const least = Math.max(1, role.targets.size);
  if (roots.length < least)
    throw refuse(least, `${roots.length} roots given, expected at least the ${least} up to it`);
  const files = new Map<string, Uint8Array>();
  let before: Root | undefined;
  for (const [index, bytes] of roots.entries()) {
    const version = index + 1;
    const listed = await readTarget(published, role, cratesRootPath(version));
    if (listed !== undefined && !equalBytes(listed, bytes))
      throw refuse(version, 'other bytes than those that are listed');
    before = follow(before, bytes, version, reanchor || listed !== undefined);
    if (listed === undefined) files.set(cratesRootPath(version), bytes);
  }
  return addTargets(state, 'crates-root', files);
}

/** The root of this version, by its own keys and, unless it may break the chain, by those of the one before. */
function follow(before: Root | undefined, bytes: Uint8Array, version: number, mayBreak: boolean): Root {
  const subject = `crates-root ${version}`;
  try {
    const envelope = parseEnvelope(bytes);
    const said = parseRoot(envelope.signed, subject);
    const own = verifyRole(envelope, 'root', said.keys, topLevelKeys(said, 'root'), subject).value;
    if (own.version !== version) throw refuse(version, `has version ${own.version}, expected ${version}`);
    if (before !== undefined && own.repository !== before.repository)
      throw refuse(version, `repository ${own.repository}, expected ${before.repository}`);
    if (before !== undefined && !mayBreak)
      verifyRole(envelope, 'root', before.keys, topLevelKeys(before, 'root'), subject);
    return own;
  } catch (cause) {
    if (!isTufError(cause) || cause.code === 'REPOSITORY_CRATES_ROOT') throw cause;
    throw refuse(version, `does not follow the root before it: ${cause.message}`, cause);
  }
}

function refuse(version: number, what: string, cause?: unknown): Error {
  return fail('REPOSITORY_CRATES_ROOT', `${cratesRootPath(version)}: ${what}`, {
    details: { version },
    cause,
  });
}
