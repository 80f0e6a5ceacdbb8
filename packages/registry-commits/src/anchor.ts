// The first trust in a registry: its root.toml, which the user, or who ships this program, pins.

import { encodeHex, sha256 } from '@cargo-tuf/keys';
import type { ObjectId } from '@cargo-tuf/git-object';
import type { TomlRoot } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { readRoot, ROOT } from './files.ts';
import { REGISTRY_LIMITS } from './limits.ts';
import { readCommit } from './objects.ts';
import type { SignatureOptions } from './signatures.ts';
import type { RegistrySource } from './source.ts';
import { verifyTip } from './tip.ts';
import { openRoot } from './trusted-root.ts';

export interface ProposedAnchor {
  /** root.toml, exactly. Trust in it is the user's to give. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, 64 hex digits: what a user compares. */
  readonly fingerprint: string;
  readonly root: TomlRoot;
}

/**
 * What a registry says that it is to be trusted by. Its tip verifies with these very keys, so that nobody is asked about a
 * registry that is broken: `REGISTRY_ROOT_WITHOUT_SIGNATURE` and `REGISTRY_SIGNATURE_WITHOUT_ROOT` are.
 */
export async function proposeAnchor(
  source: RegistrySource,
  tip: ObjectId,
  options: SignatureOptions,
): Promise<ProposedAnchor> {
  const { commit } = await readCommit(source, tip);
  const bytes = await readRoot(source, commit.tree);
  if (bytes === undefined) {
    throw fail(
      'REGISTRY_SIGNATURE_WITHOUT_ROOT',
      `commit ${tip}: no ${ROOT}, so there are no keys to trust`,
      {
        details: { id: tip },
      },
    );
  }
  if (commit.signature === undefined) {
    throw fail('REGISTRY_ROOT_WITHOUT_SIGNATURE', `commit ${tip}: has a ${ROOT} and is not signed`, {
      details: { id: tip },
    });
  }
  const trusted = openRoot(bytes, options);
  await verifyTip({ ...options, source, trusted, before: undefined, limits: REGISTRY_LIMITS }, tip);
  return { bytes, fingerprint: encodeHex(sha256(bytes)), root: trusted.root };
}
