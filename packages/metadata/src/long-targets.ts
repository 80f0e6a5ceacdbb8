// A list of very many targets, looked up in the tree that it was read from: a second list of 100,000 takes as much time
// and memory as reading the file does.

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import type { TargetFile } from './roles.ts';

/** `read` must take every value of `tree`. */
export class LongTargets implements ReadonlyMap<string, TargetFile> {
  readonly #tree: JsonObject;
  readonly #read: (path: string, value: JsonValue) => TargetFile;

  constructor(tree: JsonObject, read: (path: string, value: JsonValue) => TargetFile) {
    this.#tree = tree;
    this.#read = read;
  }

  get size(): number {
    return this.#tree.size;
  }

  has(path: string): boolean {
    return this.#tree.has(path);
  }

  get(path: string): TargetFile | undefined {
    const value = this.#tree.get(path);
    return value === undefined ? undefined : this.#read(path, value);
  }

  keys(): MapIterator<string> {
    return this.#tree.keys();
  }

  *values(): Generator<TargetFile, undefined> {
    for (const [path, value] of this.#tree) yield this.#read(path, value);
  }

  *entries(): Generator<[string, TargetFile], undefined> {
    for (const [path, value] of this.#tree) yield [path, this.#read(path, value)];
  }

  [Symbol.iterator](): Generator<[string, TargetFile], undefined> {
    return this.entries();
  }

  forEach(visit: (file: TargetFile, path: string, all: ReadonlyMap<string, TargetFile>) => void): void {
    for (const [path, file] of this) visit(file, path, this);
  }
}
