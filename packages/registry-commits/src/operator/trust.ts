import type { ObjectId } from '@cargo-tuf/git-object';
import { proposeAnchor, type ProposedAnchor } from '../anchor.ts';
import { fail } from '../errors.ts';
import { syncRegistry } from '../sync.ts';
import type { VerifiedRegistry } from '../verified-registry.ts';
import { headOf } from './base.ts';
import type { OperatorContext } from './context.ts';

/** What the tip of the branch proposes, for its fingerprint to be compared. */
export async function proposedTrust(
  context: OperatorContext,
): Promise<ProposedAnchor & { readonly tip: ObjectId }> {
  const tip = await headOf(context);
  return { ...(await proposeAnchor(context.repository, tip, context)), tip };
}

/** Begins to trust a registry that others made, by the fingerprint of its root.toml. Throws `REGISTRY_ANCHOR`. */
export async function trustRegistry(
  context: OperatorContext,
  fingerprint: string,
): Promise<VerifiedRegistry> {
  const { tip, ...proposed } = await proposedTrust(context);
  if (proposed.fingerprint !== fingerprint) {
    throw fail('REGISTRY_ANCHOR', `root.toml: sha256 ${proposed.fingerprint}, expected ${fingerprint}`, {
      details: { found: proposed.fingerprint, expected: fingerprint },
    });
  }
  const { repository: source, store, now, hashes } = context;
  return syncRegistry(tip, { source, store, anchor: proposed.bytes, now, hashes });
}
