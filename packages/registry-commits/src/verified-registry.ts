// The one type that says "this tree is the registry's", and what it gives.

import type { ObjectId } from '@cargo-tuf/git-object';
import type { TomlRoot, TomlTargets, TomlTimestamp } from '@cargo-tuf/metadata';
import { readFile } from './objects.ts';
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

let mint: (source: RegistrySource, facts: RegistryFacts) => VerifiedRegistry;

/** A verified state of a signed registry. Immutable. Made by `verifyTip` only, which the rest of this package is around. */
export class VerifiedRegistry {
  readonly #source: RegistrySource;
  readonly #facts: RegistryFacts;

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
  read(path: string, limit: number): Promise<Uint8Array | undefined> {
    return readFile(this.#source, this.#facts.tree, path, limit);
  }
}

/** For `verifyTip` alone. */
export function mintRegistry(source: RegistrySource, facts: RegistryFacts): VerifiedRegistry {
  return mint(source, facts);
}
