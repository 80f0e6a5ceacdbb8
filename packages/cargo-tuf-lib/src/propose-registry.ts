// The first use of a signed git index: what it says that it is to be trusted by. It is fetched and verified before anybody is
// asked, so that nobody is asked about a registry that is broken; what was fetched is kept for the first update.

import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openMemoryStore } from '@cargo-tuf/client';
import type { ObjectFormat, ObjectId } from '@cargo-tuf/git-object';
import { type GitOptions, initRepository } from '@cargo-tuf/git-transport';
import { parseTomlRoot, type TomlRoot } from '@cargo-tuf/metadata';
import { isSignedRegistry, proposeAnchor, syncRegistry } from '@cargo-tuf/registry-commits';
import { type AnchorLimits, gitLimits } from './anchor-limits.ts';
import { fingerprintOf } from './anchors.ts';
import { fail } from './errors.ts';
import { stateFolder } from './git-registry.ts';
import { gitOptions } from './git-options.ts';
import type { Home } from './home.ts';
import { moveFolder } from './index-repository.ts';
import { askMirrors } from './mirror-order.ts';
import { parseMirrors } from './mirrors.ts';
import { fetchOffered, listIndex, type Listing, settleOffered } from './offered-tip.ts';
import type { NetworkOptions } from './registry.ts';
import { formatRegistryId, type RegistryId } from './registry-id.ts';

export interface ProposalOptions extends NetworkOptions {
  readonly registry: RegistryId;
  readonly home: Home;
  /** Addresses of git repositories, in order of preference. */
  readonly mirrors: readonly string[];
  /** The root.toml that the user got another way; that of the tip unless given. */
  readonly root?: Uint8Array;
  readonly limits?: AnchorLimits;
  readonly clock: () => number;
}

/** Trust in it is the user's to give: `addAnchor` with kind "git". */
export interface ProposedRegistry {
  /** root.toml, exactly. */
  readonly root: Uint8Array;
  readonly document: TomlRoot;
  /** SHA-256 of `root`, 64 hex digits: what a user compares. */
  readonly fingerprint: string;
  readonly tip: ObjectId;
  readonly format: ObjectFormat;
  /** Keeps what was fetched, once the user agreed. */
  keep(): Promise<void>;
  /** Removes what was fetched and not kept. */
  discard(): Promise<void>;
}

/** Throws `LIB_NOT_SIGNED`, `LIB_GIT_EMPTY`, and what is wrong with the registry. */
export async function proposeRegistry(options: ProposalOptions): Promise<ProposedRegistry> {
  const { registry, home } = options;
  const limits = gitLimits(options.limits ?? {});
  const git = gitOptions(options, limits.git);
  const folder = `${stateFolder(home.crates, registry, 'proposed')}.${randomBytes(8).toString('hex')}.new`;
  const discard = () => rm(folder, { recursive: true, force: true });
  try {
    return await askMirrors(parseMirrors(options.mirrors, 'git'), async url => {
      const listing = await listIndex(url, git);
      const root = await verifyOffered(folder, listing, options, git);
      const document = parseTomlRoot(root);
      const fingerprint = fingerprintOf(root);
      const kept = `${stateFolder(home.crates, registry, document.repository ?? fingerprint)}.git`;
      return {
        root,
        document,
        fingerprint,
        tip: listing.tip,
        format: listing.format,
        keep: async () => void (await moveFolder(folder, kept)),
        discard,
      };
    });
  } catch (error) {
    await discard();
    throw error;
  }
}

/** The root.toml by which the tip of a mirror verifies. */
async function verifyOffered(
  folder: string,
  listing: Listing,
  { registry, clock, root, limits = {} }: ProposalOptions,
  git: GitOptions,
): Promise<Uint8Array> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const repository = await initRepository(folder, { ...git, format: listing.format });
  try {
    const version = root === undefined ? Number.MAX_SAFE_INTEGER : parseTomlRoot(root).version;
    const state = { anchor: version, root: version, commit: undefined, format: undefined };
    const offered = await fetchOffered(repository, listing, state, clock());
    const { source, tip } = offered;
    const settle = (root: number) =>
      settleOffered(repository, offered, async () => ({ ...state, root, commit: tip }), clock());
    const now = clock();
    if (root !== undefined) {
      const { index } = gitLimits(limits);
      await syncRegistry(tip, { source, store: openMemoryStore(), anchor: root, now, limits: index });
      await settle(version);
      return root;
    }
    if (!(await isSignedRegistry(source, tip, { isKnown: false }))) throw notSigned(registry, tip);
    const { bytes } = await proposeAnchor(source, tip, { now });
    await settle(0);
    return bytes;
  } finally {
    repository.close();
  }
}

function notSigned(registry: RegistryId, tip: ObjectId): Error {
  const name = formatRegistryId(registry);
  return fail('LIB_NOT_SIGNED', `${name}: neither is its tip ${tip} signed, nor has it a root.toml`, {
    details: { tip },
  });
}
