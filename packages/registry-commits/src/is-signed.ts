// Whether a registry is a signed one. The RFC: HEAD is a signed commit, by any key, or there is a /root.toml. An anchor or
// kept state says so as well, and the network can add to that, never take away.

import { isTufError } from '@cargo-tuf/errors';
import type { ObjectId } from '@cargo-tuf/git-object';
import { ROOT } from './files.ts';
import { findEntry, readCommit } from './objects.ts';
import type { RegistrySource } from './source.ts';

/** `isKnown`: an anchor or kept state says that it is. */
export async function isSignedRegistry(
  source: RegistrySource,
  tip: ObjectId,
  { isKnown }: { readonly isKnown: boolean },
): Promise<boolean> {
  if (isKnown) return true;
  try {
    const { commit } = await readCommit(source, tip);
    return commit.signature !== undefined || (await findEntry(source, commit.tree, ROOT)) !== undefined;
  } catch (error) {
    // A commit that is not of the strict grammar may well be signed: what is wrong with it is said when it is verified.
    if (isTufError(error) && error.code.startsWith('GIT_OBJECT_')) return true;
    throw error;
  }
}
