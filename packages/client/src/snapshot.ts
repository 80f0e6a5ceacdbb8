import { foldCrateName, indexPath } from '@cargo-tuf/crate-index';
import { encodeHex } from '@cargo-tuf/keys';
import type { Leaf, MerkleTree, VerifiedTile } from '@cargo-tuf/merkle-snapshot';
import {
  formatTime,
  type MapRoot,
  type Root,
  type Targets,
  type Timestamp,
  type Verified,
} from '@cargo-tuf/metadata';
import { assertAudited, assertSuccession, auditedMaps } from './audits.ts';
import { stillProved } from './changed-names.ts';
import { fail } from './errors.ts';
import { fetchContent, type SignedContent } from './content.ts';
import { openDelegated } from './delegated-roles.ts';
import type { Destination } from './destination.ts';
import { downloadContent, type DownloadSettings, streamContent, type StreamSettings } from './download.ts';
import { eachInParallel } from './fetch.ts';
import type { Floors } from './floors.ts';
import { LeafMemory } from './leaf-memory.ts';
import { assertDelegated, assertNotAboveTree, assertUnclaimed } from './leaf-rules.ts';
import type { ClientLimits } from './limits.ts';
import { mapOf } from './map-roots.ts';
import { mapChanges } from './map-changes.ts';
import { keepTop } from './map-tiles.ts';
import { shapeOf } from './map-shape.ts';
import { lookUpLeaves, type MapContext } from './map-walk.ts';
import type { AbortSignal, Source } from './source.ts';
import type { Store } from './store.ts';
import { type DelegationStep, findTarget, type FoundTarget } from './target-search.ts';
import type { TrustedMetadata } from './trusted.ts';
import { fetchTree, type MapBuilder, type ProvedMap, proveEveryLeaf } from './whole-map.ts';

/** The versions that one snapshot consists of. */
export interface SnapshotVersions {
  readonly root: number;
  readonly timestamp: number;
  readonly snapshot: number;
  readonly targets: number;
  /** Version of the claims map; undefined where the repository has no maps. */
  readonly claims: number | undefined;
  /** Tree version of the index map; undefined where the repository has no maps. */
  readonly tree: number | undefined;
}

export interface SnapshotContext {
  readonly trusted: TrustedMetadata;
  readonly floors: Floors;
  /** Of the store, when these floors stood in it. */
  readonly revision: number;
  /** The store's document of proved leaves. */
  readonly proved: Uint8Array | undefined;
  /** Undefined offline. */
  readonly source: Source | undefined;
  readonly store: Store;
  readonly limits: ClientLimits;
  readonly clock: () => number;
  readonly time: number;
  readonly signal: AbortSignal | undefined;
}

/** An index entry that was proved: where it stands in the map, and its bytes. */
export interface ProvedEntry {
  readonly leaf: Leaf;
  readonly bytes: Uint8Array;
}

/**
 * One verified state of a repository. It never changes: everything looked up through it stood together when it was
 * signed. Online it can be used for `limits.run` milliseconds after the sync; offline it gives what the store holds.
 */
export class Snapshot {
  readonly versions: SnapshotVersions;
  /** The repository id, 64 hex digits; undefined where root states none. */
  readonly repository: string | undefined;
  /** The earliest expiry of the roles it consists of, in milliseconds since 1970. */
  readonly expires: number;
  /** When it was synced, or, offline, opened. */
  readonly time: number;
  readonly offline: boolean;
  readonly #context: SnapshotContext;
  readonly #tiles: Map<string, Promise<VerifiedTile>> = new Map();
  readonly #auditedTiles: Map<string, Map<string, Promise<VerifiedTile>>> = new Map();
  readonly #roles: Map<string, Promise<Targets>> = new Map();
  readonly #memory: LeafMemory;
  #remembered: Promise<ReadonlyMap<string, Leaf | undefined>> | undefined;

  constructor(context: SnapshotContext) {
    const { root, timestamp, snapshot, targets, delegated } = context.trusted;
    const roles = [root, timestamp, snapshot, targets, ...delegated.values()];
    this.#context = context;
    this.#memory = new LeafMemory(context);
    this.repository = root.value.repository;
    this.expires = Math.min(...roles.map(role => role?.value.expires ?? 0));
    this.time = context.time;
    this.offline = context.source === undefined;
    this.versions = {
      root: root.value.version,
      timestamp: timestamp?.value.version ?? 0,
      snapshot: snapshot?.value.version ?? 0,
      targets: targets?.value.version ?? 0,
      claims: delegated.get('claims')?.value.map?.version,
      tree: delegated.get('crates')?.value.map?.version,
    };
  }

  /** The trusted roles, for programs that explain them. */
  get root(): Verified<Root> {
    return this.#context.trusted.root;
  }
  get timestamp(): Verified<Timestamp> {
    return this.#context.trusted.timestamp as Verified<Timestamp>;
  }
  get targets(): Verified<Targets> {
    return this.#context.trusted.targets as Verified<Targets>;
  }
  delegated(role: string): Verified<Targets> | undefined {
    return this.#context.trusted.delegated.get(role);
  }

  /** What the role that speaks for a path says of it, delegations included; undefined where no role lists it. */
  async findTarget(path: string): Promise<FoundTarget | undefined> {
    this.#assertUsable();
    const { limits } = this.#context;
    return findTarget(path, this.targets.value, limits.delegations, step => this.#openRole(step));
  }

  /** The verified bytes of a target, or undefined when no targets role lists it. */
  async fetchTarget(path: string): Promise<Uint8Array | undefined> {
    const found = await this.findTarget(path);
    return found && this.#fetchContent(path, found.file);
  }

  /**
   * A large target in pieces, or undefined when no role lists it. The last piece comes when the whole is verified; a target
   * that turns out wrong throws before it, and its mirror is not asked again for it. Until the end is reached, nothing of
   * what was given is verified.
   */
  async openTarget(
    path: string,
    settings: StreamSettings = {},
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    const found = await this.findTarget(path);
    return found && streamContent(this.#context, path, found.file, settings);
  }

  /**
   * Brings a target to its destination, verified; undefined when no role lists it. A destination that has it is left as it
   * is; a download that was cut off is gone on with; a mirror that serves other bytes is passed over.
   */
  async download(
    path: string,
    destination: Destination,
    settings: DownloadSettings = {},
  ): Promise<FoundTarget | undefined> {
    const found = await this.findTarget(path);
    if (found !== undefined) await downloadContent(this.#context, path, found.file, destination, settings);
    return found;
  }

  /**
   * The leaves of crates, by lower-case name; undefined where the map proves that there is no such crate. Checks the
   * claims as well: a claimed crate is not taken from the registry's own signature.
   */
  async leaves(names: readonly string[]): Promise<ReadonlyMap<string, Leaf | undefined>> {
    const leaves = await this.#proveLeaves(names);
    if (this.#remember(leaves)) await this.#memory.keep();
    return leaves;
  }

  async #proveLeaves(names: readonly string[]): Promise<ReadonlyMap<string, Leaf | undefined>> {
    this.#assertUsable();
    const folded = new Map(names.map(name => [name, foldCrateName(name)]));
    const [claims, leaves] = await Promise.all([
      lookUpLeaves(this.#mapContext('claims'), [...folded.values()]),
      this.#lookUp(names),
    ]);
    for (const [name, leaf] of leaves) {
      const claim = claims.get(folded.get(name) ?? name);
      assertDelegated(this.#context.trusted, 'claims', name, claim);
      assertDelegated(this.#context.trusted, 'crates', name, leaf);
      assertUnclaimed(name, claim, leaf);
      assertNotAboveTree(name, leaf, this.versions.tree ?? 0);
    }
    await Promise.all([this.#assertAudited('claims', claims), this.#assertAudited('crates', leaves)]);
    return leaves;
  }

  #assertAudited(role: 'crates' | 'claims', leaves: ReadonlyMap<string, Leaf | undefined>): Promise<void> {
    return assertAudited(this.#context.trusted, role, leaves, map =>
      lookUpLeaves(this.#auditedContext(role, map.root), [...leaves.keys()]),
    );
  }

  /** Leaves that did not change since a map proved them need no new proof. */
  async #lookUp(names: readonly string[]): Promise<ReadonlyMap<string, Leaf | undefined>> {
    this.#remembered ??= stillProved(
      this.#mapContext('crates'),
      this.#map(),
      this.#memory.proved,
      names.length,
    );
    const known = await this.#remembered;
    const proved = await lookUpLeaves(
      this.#mapContext('crates'),
      names.filter(name => !known.has(name)),
    );
    return new Map(names.map(name => [name, known.has(name) ? known.get(name) : proved.get(name)]));
  }

  /** True when there is something to keep, and it can be kept. Throws `CLIENT_ROLLBACK` for a leaf that fell. */
  #remember(leaves: ReadonlyMap<string, Leaf | undefined>): boolean {
    const isRaised = this.#memory.raise(leaves);
    const isNew = this.#memory.remember(this.#map(), leaves);
    return (isRaised || isNew) && !this.offline;
  }

  #map(): MapRoot {
    return mapOf(this.#context.trusted, 'crates');
  }

  /** The proved index entries of crates, by lower-case name; undefined where absence is proved or the crate was deleted. */
  async entries(names: readonly string[]): Promise<ReadonlyMap<string, ProvedEntry | undefined>> {
    const leaves = await this.#proveLeaves(names);
    // Written while the entries are fetched, and durable before one of them is used.
    const floors = this.#remember(leaves) ? this.#memory.keep() : undefined;
    const entries = new Map<string, ProvedEntry | undefined>();
    const fetched = eachInParallel([...leaves], this.#context.limits.parallel, async ([name, leaf]) => {
      if (leaf === undefined || leaf.kind === 'tombstone') {
        entries.set(name, undefined);
        return;
      }
      const hashes = new Map([['sha256', encodeHex(leaf.sha256)]]);
      const bytes = await this.#fetchContent(indexPath(name), { length: leaf.length, hashes });
      entries.set(name, { leaf, bytes });
    });
    // Nothing of the call outlives it, whatever it throws.
    const ended = await Promise.allSettled([floors, fetched]);
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
    return entries;
  }

  /** Every leaf of the index map, as one tree. Fetches every tile: for auditors and mirrors. */
  async tree(): Promise<MerkleTree> {
    this.#assertUsable();
    const context = this.#mapContext('crates');
    const tree = await fetchTree(context, this.#map().size);
    await this.#assertSuccessions(context);
    return tree;
  }

  /** Every leaf of the index map, proved by the map that `build` makes of them: for whole-index checks. */
  async everyLeaf(build: MapBuilder): Promise<ProvedMap> {
    this.#assertUsable();
    const context = this.#mapContext('crates');
    const map = await proveEveryLeaf(context, this.#map().size, build);
    await this.#assertSuccessions(context);
    return map;
  }

  /** Of all leaves, against every audited map that ours has moved on from. */
  async #assertSuccessions(context: MapContext): Promise<void> {
    const ours = this.#map();
    for (const audited of auditedMaps(this.#context.trusted, 'crates')) {
      for await (const change of mapChanges(context, audited, ours))
        assertSuccession('crates', audited, ours, change);
    }
  }

  /** A map and how its tiles are reached, kept in `store`: for mirrors, which copy tiles (`copyTiles`, `lookUpLeaves`). */
  map(role: 'crates' | 'claims', store: MapContext['store']): MapContext & { readonly size: number } {
    this.#assertUsable();
    const { size } = mapOf(this.#context.trusted, role);
    return { ...this.#mapContext(role), store, tiles: new Map(), size };
  }

  /** Brings the top of the index map into the cache, which the lookups of a later run then find there. */
  async keepTop(): Promise<void> {
    this.#assertUsable();
    await keepTop(this.#mapContext('crates'));
  }

  #fetchContent(path: string, file: SignedContent): Promise<Uint8Array> {
    this.#assertUsable();
    return fetchContent(this.#context, path, file);
  }

  /** A role is opened once for each delegator in the life of a snapshot. */
  #openRole(step: DelegationStep): Promise<Targets> {
    const id = `${step.delegator}\0${step.name}`;
    const known = this.#roles.get(id);
    if (known !== undefined) return known;
    const role = openDelegated(this.#context, step);
    this.#roles.set(id, role);
    role.catch(() => this.#roles.delete(id));
    return role;
  }

  /** A map of an earlier state. Its tiles are apart: a subtree can stand elsewhere in it. */
  #auditedContext(role: 'crates' | 'claims', root: string): MapContext {
    const tiles = this.#auditedTiles.get(root) ?? new Map();
    this.#auditedTiles.set(root, tiles);
    return { ...this.#mapContext(role), root, tiles };
  }

  #mapContext(role: 'crates' | 'claims'): MapContext {
    const { trusted, source, store, limits, signal } = this.#context;
    if (trusted.root.value.index?.kind !== 'map' || this.repository === undefined) {
      throw fail('CLIENT_NO_MAP', 'root: states no map of an index');
    }
    return {
      shape: shapeOf(role, this.repository),
      root: mapOf(trusted, role).root,
      subject: role,
      source,
      store,
      parallel: limits.parallel,
      signal,
      tiles: this.#tiles,
    };
  }

  /** Online a snapshot has a bounded life; offline nothing in it can be newer than what was verified. */
  #assertUsable(): void {
    if (this.offline) return;
    const { clock, limits } = this.#context;
    // A clock that is set back must not make it young again.
    const used = Math.abs(clock() - this.time);
    if (used <= limits.run) return;
    throw fail(
      'CLIENT_RUN_TOO_LONG',
      `snapshot: synced ${formatTime(this.time)}, expected at most ${limits.run / 3_600_000} hours ago`,
    );
  }
}
