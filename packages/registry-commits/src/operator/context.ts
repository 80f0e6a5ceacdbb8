// What an operator works with.

import type { ObjectId } from '@cargo-tuf/git-object';
import type { Signer } from '@cargo-tuf/keys';
import type { RegistryLimits } from '../limits.ts';
import type { SignatureOptions } from '../signatures.ts';
import type { GitObject, RegistrySource, RegistryStore } from '../source.ts';

/**
 * The repository that the operator changes; that of `@cargo-tuf/git-transport` is one. An implementer's duties:
 *
 * - `writeAll` has the objects on the disk when it returns. What a tree or commit names is there, or among them.
 * - `updateRefs` moves all refs or none, each only if it still is `from`; else it throws a `conflict` error. It is the one
 *   step that others see: before it the old state stands, after it the new one.
 */
export interface RegistryRepository extends RegistrySource {
  writeAll(objects: readonly GitObject[]): Promise<readonly ObjectId[]>;
  updateRefs(updates: readonly RefMove[]): Promise<void>;
}

export interface RefMove {
  readonly name: string;
  /** Null: the ref goes. */
  readonly to: ObjectId | null;
  /** What it must be before; null: it must not exist. */
  readonly from: ObjectId | null;
}

export interface OperatorContext extends SignatureOptions {
  readonly repository: RegistryRepository;
  /** The operator's own trust, which nothing in the repository can give: that of a client. */
  readonly store: RegistryStore;
  /** "refs/heads/main" */
  readonly branch: string;
  /** Keys at hand, of whatever role. */
  readonly signers: readonly Signer[];
  /** Who is named in commits and tags. */
  readonly author: { readonly name: string; readonly email: string };
  /** When what is signed ends, milliseconds since 1970: `timestamp.toml`. */
  readonly expires: number;
  readonly limits?: Partial<RegistryLimits>;
}
