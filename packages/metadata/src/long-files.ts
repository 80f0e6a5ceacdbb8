// A list of very many files, looked up in the tree that it was read from: a second list of 100,000 takes as much time and
// memory as reading the file does.

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';

/** From so many files on they stay in the tree. */
const LONG = 1_000;

/** Every value of `tree`, read once by `read`, which throws for those that it does not take. */
export function readFiles<File>(
  tree: JsonObject,
  read: (name: string, value: JsonValue) => File,
): ReadonlyMap<string, File> {
  const files = tree.size < LONG ? new Map<string, File>() : undefined;
  for (const [name, value] of tree) {
    const file = read(name, value);
    files?.set(name, file);
  }
  return files ?? new LongFiles(tree, read);
}

class LongFiles<File> implements ReadonlyMap<string, File> {
  readonly #tree: JsonObject;
  readonly #read: (name: string, value: JsonValue) => File;

  constructor(tree: JsonObject, read: (name: string, value: JsonValue) => File) {
    this.#tree = tree;
    this.#read = read;
  }

  get size(): number {
    return this.#tree.size;
  }

  has(name: string): boolean {
    return this.#tree.has(name);
  }

  get(name: string): File | undefined {
    const value = this.#tree.get(name);
    return value === undefined ? undefined : this.#read(name, value);
  }

  keys(): MapIterator<string> {
    return this.#tree.keys();
  }

  *values(): Generator<File, undefined> {
    for (const [name, value] of this.#tree) yield this.#read(name, value);
  }

  *entries(): Generator<[string, File], undefined> {
    for (const [name, value] of this.#tree) yield [name, this.#read(name, value)];
  }

  [Symbol.iterator](): Generator<[string, File], undefined> {
    return this.entries();
  }

  forEach(visit: (file: File, name: string, all: ReadonlyMap<string, File>) => void): void {
    for (const [name, file] of this) visit(file, name, this);
  }
}
