// Objects and refs that are not there yet, over a repository that is. What an operator makes is verified as a client would,
// before the first byte is written.

import { type ObjectFormat, type ObjectId, type ObjectType, objectId } from '@cargo-tuf/git-object';
import type { GitObject, RegistrySource } from '../source.ts';

export class Draft implements RegistrySource {
  readonly format: ObjectFormat;
  readonly #below: RegistrySource;
  readonly #objects: Map<ObjectId, GitObject> = new Map();
  readonly #refs: Map<string, ObjectId> = new Map();

  constructor(below: RegistrySource) {
    this.#below = below;
    this.format = below.format;
  }

  /** To be written, what is named before what names it. */
  get objects(): readonly GitObject[] {
    return [...this.#objects.values()];
  }

  put(type: ObjectType, bytes: Uint8Array): ObjectId {
    const id = objectId(type, bytes, this.format);
    this.#objects.set(id, { type, bytes });
    return id;
  }

  setRef(name: string, id: ObjectId): void {
    this.#refs.set(name, id);
  }

  async read(id: ObjectId): Promise<GitObject> {
    return this.#objects.get(id) ?? this.#below.read(id);
  }

  async ref(name: string): Promise<ObjectId | undefined> {
    return this.#refs.get(name) ?? this.#below.ref(name);
  }
}
