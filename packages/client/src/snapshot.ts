import { indexPath } from '@cargo-tuf/crate-index';
import { encodeHex } from '@cargo-tuf/keys';
import type { Leaf, MerkleTree } from '@cargo-tuf/merkle-snapshot';
import { formatTime, type Root, type Targets, type Timestamp, type Verified } from '@cargo-tuf/metadata';
import { assertSuccession, auditedMaps } from './audits.ts';
import { fail } from './errors.ts';
import { fetchContent, type NamedFile, placeNamed, placeTarget, type SignedContent } from './content.ts';
import { openDelegated } from './delegated-roles.ts';
import type { Destination } from './destination.ts';
import { downloadContent, type DownloadSettings, streamContent, type StreamSettings } from './download.ts';
import { eachInParallel } from './fetch.ts';
import type { Floors } from './floors.ts';
import type { ClientLimits } from './limits.ts';
import { mapOf } from './map-roots.ts';
import { mapChanges } from './map-changes.ts';
import { keepTop } from './map-tiles.ts';
import type { MapContext } from './map-walk.ts';
import { SnapshotMaps, type Tiles } from './snapshot-maps.ts';
import type { AbortSignal, Source } from './source.ts';
import type { Store } from './store.ts';
import { type DelegationStep, findTarget, type FoundTarget, listTargets } from './target-search.ts';
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
  /** Of the maps of this state: what an earlier snapshot of the same client has verified. */
  readonly tiles: Tiles;
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
  readonly #roles: Map<string, Promise<Targets>> = new Map();
  readonly #maps: SnapshotMaps;

  constructor(context: SnapshotContext) {
    const { root, timestamp, snapshot, targets, delegated } = context.trusted;
    const roles = [root, timestamp, snapshot, targets, ...delegated.values()];
    this.#context = context;
    this.#maps = new SnapshotMaps(context);
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

  /** Every target, by its path, but those of hash bins: for whoever compares a whole copy. */
  async listTargets(): Promise<ReadonlyMap<string, FoundTarget>> {
    this.#assertUsable();
    const { limits } = this.#context;
    return listTargets(this.targets.value, limits.delegations, step => this.#openRole(step));
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
    return (
      found && streamContent(this.#context, placeTarget(this.#context.trusted, path, found.file), settings)
    );
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
    if (found === undefined) return undefined;
    const file = placeTarget(this.#context.trusted, path, found.file);
    await downloadContent(this.#context, file, destination, settings);
    return found;
  }

  /**
   * A file that a target names by its hash, in pieces, as `openTarget` gives a target. Its length is not signed: at most
   * `limits.download` bytes are read.
   */
  openNamed(file: NamedFile, settings: StreamSettings = {}): AsyncIterable<Uint8Array> {
    this.#assertUsable();
    return streamContent(this.#context, placeNamed(file), settings);
  }

  /** Brings such a file to its destination, verified, as `download` brings a target. */
  async downloadNamed(
    file: NamedFile,
    destination: Destination,
    settings: DownloadSettings = {},
  ): Promise<void> {
    this.#assertUsable();
    await downloadContent(this.#context, placeNamed(file), destination, settings);
  }

  /**
   * The leaves of crates, by lower-case name; undefined where the map proves that there is no such crate. Checks the
   * claims as well: a claimed crate is not taken from the registry's own signature.
   */
  async leaves(names: readonly string[]): Promise<ReadonlyMap<string, Leaf | undefined>> {
    this.#assertUsable();
    const leaves = await this.#maps.prove(names);
    await this.#maps.remember(leaves);
    return leaves;
  }

  /** The proved index entries of crates, by lower-case name; undefined where absence is proved or the crate was deleted. */
  async entries(names: readonly string[]): Promise<ReadonlyMap<string, ProvedEntry | undefined>> {
    this.#assertUsable();
    const leaves = await this.#maps.prove(names);
    // Written while the entries are fetched, and durable before one of them is used.
    const floors = this.#maps.remember(leaves);
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
    const context = this.#maps.context('crates');
    const tree = await fetchTree(context, mapOf(this.#context.trusted, 'crates').size);
    await this.#assertSuccessions(context);
    return tree;
  }

  /** Every leaf of the index map, proved by the map that `build` makes of them: for whole-index checks. */
  async everyLeaf(build: MapBuilder): Promise<ProvedMap> {
    this.#assertUsable();
    const context = this.#maps.context('crates');
    const map = await proveEveryLeaf(context, mapOf(this.#context.trusted, 'crates').size, build);
    await this.#assertSuccessions(context);
    return map;
  }

  /** Of all leaves, against every audited map that ours has moved on from. */
  async #assertSuccessions(context: MapContext): Promise<void> {
    const ours = mapOf(this.#context.trusted, 'crates');
    for (const audited of auditedMaps(this.#context.trusted, 'crates')) {
      for await (const change of mapChanges(context, audited, ours))
        assertSuccession('crates', audited, ours, change);
    }
  }

  /** A map and how its tiles are reached, kept in `store`: for mirrors, which copy tiles (`copyTiles`, `lookUpLeaves`). */
  map(role: 'crates' | 'claims', store: MapContext['store']): MapContext & { readonly size: number } {
    this.#assertUsable();
    const { size } = mapOf(this.#context.trusted, role);
    return { ...this.#maps.context(role), store, tiles: new Map(), size };
  }

  /**
   * Puts into the store which leaves were proved, so that a later run need not prove again those that did not change. Call it when
   * there is time; without it a later run costs more, and is as safe.
   */
  settle(): Promise<void> {
    return this.#maps.settle();
  }

  /** Brings the top of the index map into the cache, which the lookups of a later run then find there. */
  async keepTop(): Promise<void> {
    this.#assertUsable();
    await keepTop(this.#maps.context('crates'));
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
