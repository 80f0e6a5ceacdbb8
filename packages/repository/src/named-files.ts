import { decodeHex } from '@cargo-tuf/keys';
import { changesPath, type MapShape } from '@cargo-tuf/merkle-snapshot';
import { type MapRoot, targetUrlPath, type Targets } from '@cargo-tuf/metadata';
import { claimsShape, indexShape } from './state.ts';

export const ROLE_FILES = ['targets', 'claims', 'crates'] as const;
export type RoleFile = (typeof ROLE_FILES)[number];

/** The top of a map of some state. */
export interface StatedMap {
  readonly shape: MapShape;
  /** 64 hex digits. */
  readonly root: string;
  readonly size: number;
}

/** What roles of one repository name, each thing once. */
export class NamedFiles {
  readonly #repository: string;
  readonly #maps: Map<string, StatedMap> = new Map();
  readonly #paths: Set<string> = new Set();

  constructor(repository: string) {
    this.#repository = repository;
  }

  /** In the order in which they were added. */
  get maps(): readonly StatedMap[] {
    return [...this.#maps.values()];
  }

  /** Paths of files of changes, and of targets that a role lists, such as config.json. */
  get paths(): ReadonlySet<string> {
    return this.#paths;
  }

  addRole(role: RoleFile, { map, targets }: Targets): void {
    if (map !== undefined && role !== 'targets') this.addMap(role, map);
    for (const { sha256 } of map?.changes?.values() ?? [])
      this.#paths.add(changesPath(decodeHex(sha256, 32)));
    for (const [path, { hashes }] of targets) {
      const digest = hashes.get('sha256');
      if (digest !== undefined) this.#paths.add(`targets/${targetUrlPath(path, digest)}`);
    }
  }

  addMap(role: 'claims' | 'crates', { root, size }: MapRoot): void {
    const shape = role === 'crates' ? indexShape(this.#repository) : claimsShape(this.#repository);
    if (!this.#maps.has(root)) this.#maps.set(root, { shape, root, size });
  }
}
