// The world, as far as the verification of a registry needs it.

import type { ObjectFormat, ObjectId, ObjectType } from '@cargo-tuf/git-object';

export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/**
 * A repository into which the tip of the index and the tags `root-rotation-v*` were fetched, and which keeps the commit that
 * was trusted before. Signatures are not its business; hashes are:
 *
 * - `read` gives bytes that have the id that was asked for, and throws when there is no such object.
 * - `ref` says where a ref leads, without following a tag; undefined when there is no such ref.
 */
export interface RegistrySource {
  readonly format: ObjectFormat;
  read(id: ObjectId): Promise<GitObject>;
  ref(name: string): Promise<ObjectId | undefined>;
}

/**
 * Where trusted state is kept: that of `@cargo-tuf/client`, whose words on an implementer's duties hold. `replace` sets
 * documents together, or throws a `conflict` error when the revision is not `expected`.
 */
export interface RegistryStore {
  read(): Promise<{ readonly revision: number; readonly documents: ReadonlyMap<string, Uint8Array> }>;
  replace(expected: number, changes: ReadonlyMap<string, Uint8Array | null>): Promise<number>;
}
