// The index as it stands, for changes that depend on it.

import { changedPaths, type ObjectId } from '@cargo-tuf/git-object';
import { parseTomlRoot, parseTomlTargets, TOML_LIMITS } from '@cargo-tuf/metadata';
import type { Certificate } from '@cargo-tuf/openpgp';
import { isIndexPath } from '../checksums.ts';
import { fail } from '../errors.ts';
import { readRoot, TARGETS } from '../files.ts';
import { REGISTRY_LIMITS } from '../limits.ts';
import { readCommit, readFile, readTree } from '../objects.ts';
import { openKeyring } from '../signatures.ts';
import { openBase } from './base.ts';
import type { OperatorContext } from './context.ts';
import { readProposals } from './proposals.ts';

export interface VerifiedIndex {
  /** What a change made from this is `from`. */
  readonly tip: ObjectId;
  /** Milliseconds since 1970: the end of timestamp.toml. */
  readonly expires: number;
  /** A file of the verified tree; undefined when it is not there. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Paths of all entries. */
  entries(): AsyncGenerator<string>;
}

/** The tip is verified, but for its age. */
export async function openVerifiedIndex(context: OperatorContext): Promise<VerifiedIndex> {
  const { commit, tree, timestamp } = await openBase(context);
  const { repository } = context;
  const limits = { ...REGISTRY_LIMITS, ...context.limits };
  const reader = {
    format: repository.format,
    readTree: (id: ObjectId) => readTree(repository, id),
    limits: { paths: limits.changedPaths, depth: limits.depth },
    refuse: (message: string, limit: number) =>
      fail('REGISTRY_LIMIT', `index: ${message}`, { details: { limit } }),
  };
  return {
    tip: commit,
    expires: timestamp.expires,
    read: path => readFile(repository, tree, path, limits.entryBytes),
    async *entries() {
      for await (const { path } of changedPaths(reader, undefined, tree)) if (isIndexPath(path)) yield path;
    },
  };
}

/**
 * Certificates in the files of the branch and of what is proposed, to find the public key of a fingerprint. They are not
 * trusted: whoever looks one up has its full fingerprint.
 */
export async function knownCertificates(context: OperatorContext): Promise<readonly Certificate[]> {
  const { repository, branch } = context;
  const { rotation, tip } = await readProposals(context);
  const found = new Map<string, Certificate>();
  for (const id of [await repository.ref(branch), rotation, tip]) {
    if (id === undefined) continue;
    const { tree } = (await readCommit(repository, id)).commit;
    const root = await readRoot(repository, tree);
    const targets = await readFile(repository, tree, TARGETS, TOML_LIMITS.targetsBytes);
    const keys = [
      ...(root === undefined ? [] : parseTomlRoot(root).keys),
      ...(targets === undefined ? [] : parseTomlTargets(targets).keys),
    ];
    for (const [keyId, certificate] of openKeyring(new Map(keys), context)) found.set(keyId, certificate);
  }
  return [...found.values()];
}
