// The one type that says "this tree is the registry's", and what it gives.

import { changedPaths, type ObjectId, type Tree, type TreeEntry } from '@cargo-tuf/git-object';
import type { TomlRoot, TomlTargets, TomlTimestamp } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { REGISTRY_LIMITS } from './limits.ts';
import { readBlob, readTree } from './objects.ts';
import type { RegistrySource } from './source.ts';

export interface RegistryFacts {
  readonly commit: ObjectId;
  readonly tree: ObjectId;
  readonly root: TomlRoot;
  readonly timestamp: TomlTimestamp;
  readonly targets: TomlTargets | undefined;
  /** Key ids of those who signed the commit. */
  readonly signers: readonly string[];
}

export interface RegistryFile {
  readonly path: string;
  read(limit: number): Promise<Uint8Array>;
}

let mint: (source: RegistrySource, facts: RegistryFacts) => VerifiedRegistry;

/**
 * A verified state of a signed registry. Immutable. Made by `verifyTip`, which the rest of this package is around, and by
 * `openVerifiedRegistry` of what `verifyTip` accepted before.
 */
export class VerifiedRegistry {
  readonly #source: RegistrySource;
  readonly #facts: RegistryFacts;
  readonly #trees: Map<ObjectId, Promise<Tree>> = new Map();

  private constructor(source: RegistrySource, facts: RegistryFacts) {
    this.#source = source;
    this.#facts = facts;
  }

  static {
    mint = (source, facts) => new VerifiedRegistry(source, facts);
  }

  get commit(): ObjectId {
    return this.#facts.commit;
  }

  get tree(): ObjectId {
    return this.#facts.tree;
  }

  get root(): TomlRoot {
    return this.#facts.root;
  }

  get timestamp(): TomlTimestamp {
    return this.#facts.timestamp;
  }

  get targets(): TomlTargets | undefined {
    return this.#facts.targets;
  }

  get signers(): readonly string[] {
    return this.#facts.signers;
  }

  /** The earliest end of what the registry rests on, in milliseconds since 1970. Nothing is resolved anew after that. */
  get expires(): number {
    const { root, timestamp, targets } = this.#facts;
    return Math.min(root.expires, timestamp.expires, targets?.expires ?? Number.POSITIVE_INFINITY);
  }

  /** A file of the verified tree, such as "it/oa/itoa" or "config.json"; undefined when it is not there. */
  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    let entry: TreeEntry | undefined = { kind: 'tree', id: this.#facts.tree };
    for (const name of path.split('/')) {
      if (entry?.kind !== 'tree') return undefined;
      entry = (await this.#readTree(entry.id)).get(name);
    }
    return entry === undefined ? undefined : readBlob(this.#source, path, entry, limit);
  }

  /** Every file of the tree. Throws `REGISTRY_LIMIT`, and `REGISTRY_FILE_KIND` when a link is read. */
  async *files(): AsyncGenerator<RegistryFile> {
    const { changedPaths: paths, depth } = REGISTRY_LIMITS;
    const reader = {
      format: this.#source.format,
      readTree: (id: ObjectId) => readTree(this.#source, id),
      limits: { paths, depth },
      refuse: (message: string, limit: number) =>
        fail('REGISTRY_LIMIT', `index: ${message}`, { details: { limit } }),
    };
    for await (const { path, after } of changedPaths(reader, undefined, this.#facts.tree)) {
      if (after === undefined) continue;
      yield { path, read: limit => readBlob(this.#source, path, after, limit) };
    }
  }

  /** Folders near the root stand on the way to every entry. */
  #readTree(id: ObjectId): Promise<Tree> {
    const known = this.#trees.get(id);
    if (known !== undefined) return known;
    if (this.#trees.size === KEPT_TREES) this.#trees.clear();
    const tree = readTree(this.#source, id);
    this.#trees.set(id, tree);
    tree.catch(() => this.#trees.delete(id));
    return tree;
  }
}

const KEPT_TREES = 4096;

/** For `verifyTip` and `openVerifiedRegistry` alone. */
export function mintRegistry(source: RegistrySource, facts: RegistryFacts): VerifiedRegistry {
  return mint(source, facts);
}
