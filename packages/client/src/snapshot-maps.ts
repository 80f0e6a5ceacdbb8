// The maps of one snapshot: leaves are proved, or remembered where they did not change, and held against everything that must hold
// of them before anything is made of them.

import { foldCrateName } from '@cargo-tuf/crate-index';
import type { Leaf, VerifiedTile } from '@cargo-tuf/merkle-snapshot';
import type { MapRoot } from '@cargo-tuf/metadata';
import { assertAudited } from './audits.ts';
import { stillProved } from './changed-names.ts';
import { fail } from './errors.ts';
import { LeafMemory } from './leaf-memory.ts';
import { assertDelegated, assertNotAboveTree, assertUnclaimed } from './leaf-rules.ts';
import { mapOf } from './map-roots.ts';
import { shapeOf } from './map-shape.ts';
import { lookUpLeaves, type MapContext } from './map-walk.ts';
import type { SnapshotContext } from './snapshot.ts';

type Leaves = ReadonlyMap<string, Leaf | undefined>;
type MapRole = 'crates' | 'claims';
/** Verified tiles, or on the way, by hash. */
export type Tiles = Map<string, Promise<VerifiedTile>>;

export class SnapshotMaps {
  readonly #context: SnapshotContext;
  /** Of earlier maps, by root. Their tiles are apart: a subtree can stand elsewhere in them. */
  readonly #auditedTiles: Map<string, Tiles> = new Map();
  readonly #memory: LeafMemory;
  #remembered: Promise<Leaves> | undefined;

  constructor(context: SnapshotContext) {
    this.#context = context;
    this.#memory = new LeafMemory(context);
  }

  /** The leaf of each lower-case name; undefined where the map proves that it has none. */
  async prove(names: readonly string[]): Promise<Leaves> {
    const folded = new Map(names.map(name => [name, foldCrateName(name)]));
    const [claims, leaves] = await Promise.all([
      lookUpLeaves(this.context('claims'), [...folded.values()]),
      this.#lookUp(names),
    ]);
    const { trusted } = this.#context;
    const tree = this.#map.version;
    for (const [name, leaf] of leaves) {
      const claim = claims.get(folded.get(name) ?? name);
      assertDelegated(trusted, 'claims', name, claim);
      assertDelegated(trusted, 'crates', name, leaf);
      assertUnclaimed(name, claim, leaf);
      assertNotAboveTree(name, leaf, tree);
    }
    await Promise.all([this.#assertAudited('claims', claims), this.#assertAudited('crates', leaves)]);
    return leaves;
  }

  /** Resolves when the floors that these leaves raise are durable. Throws `CLIENT_ROLLBACK` for a leaf that fell. */
  remember(leaves: Leaves): Promise<void> {
    const isRaised = this.#memory.raise(leaves);
    this.#memory.remember(this.#map, leaves);
    return isRaised && this.#context.source !== undefined ? this.#memory.keep() : Promise.resolve();
  }

  /** Resolves when the store has the leaves that were proved. */
  settle(): Promise<void> {
    return this.#context.source === undefined ? Promise.resolve() : this.#memory.settle();
  }

  /** How the tiles of a map are reached. */
  context(role: MapRole): MapContext {
    const { trusted, source, store, limits, signal, tiles } = this.#context;
    const { index, repository } = trusted.root.value;
    if (index?.kind !== 'map' || repository === undefined) {
      throw fail('CLIENT_NO_MAP', 'root: states no map of an index');
    }
    return {
      shape: shapeOf(role, repository),
      root: mapOf(trusted, role).root,
      subject: role,
      source,
      store,
      parallel: limits.parallel,
      signal,
      tiles,
    };
  }

  get #map(): MapRoot {
    return mapOf(this.#context.trusted, 'crates');
  }

  /** Leaves that did not change since a map proved them need no new proof. */
  async #lookUp(names: readonly string[]): Promise<Leaves> {
    const context = this.context('crates');
    this.#remembered ??= this.#stillProved(names.length);
    const known = await this.#remembered;
    const proved = await lookUpLeaves(
      context,
      names.filter(name => !known.has(name)),
    );
    return new Map(names.map(name => [name, known.has(name) ? known.get(name) : proved.get(name)]));
  }

  async #stillProved(wanted: number): Promise<Leaves> {
    const known = await stillProved(this.context('crates'), this.#map, this.#memory.proved, wanted);
    // Those of other projects too: they are not asked for now, and hold as well.
    this.#memory.remember(this.#map, known);
    return known;
  }

  #assertAudited(role: MapRole, leaves: Leaves): Promise<void> {
    return assertAudited(this.#context.trusted, role, leaves, ({ root }) => {
      const tiles = this.#auditedTiles.get(root) ?? new Map();
      this.#auditedTiles.set(root, tiles);
      return lookUpLeaves({ ...this.context(role), root, tiles }, [...leaves.keys()]);
    });
  }
}
