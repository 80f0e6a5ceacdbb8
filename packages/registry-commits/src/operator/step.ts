import type { ObjectId } from '@cargo-tuf/git-object';
import { fail } from '../errors.ts';
import { readTimestamp } from '../files.ts';
import type { RegistrySource } from '../source.ts';

/**
 * Throws `REGISTRY_LEAP` when a tree that others propose raises timestamp.toml by more than it takes: signed once, a version
 * near the greatest number would end the registry.
 */
export async function assertStep(
  source: RegistrySource,
  subject: string,
  tree: ObjectId,
  most: number,
): Promise<void> {
  const { version } = await readTimestamp(source, tree, subject);
  if (version <= most) return;
  throw fail('REGISTRY_LEAP', `${subject}: timestamp version ${version}, expected at most ${most}`, {
    details: { found: version, most },
  });
}
