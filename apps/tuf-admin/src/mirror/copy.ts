// Copies what a client accepted, and nothing else:
//
//  1. Our own client syncs: signatures, floors, auditors.
//  2. Targets; then the maps, each tile after all that is below it: index entries, archives, tiles. A complete mirror goes no
//     further down than to a tile that stands there, so the cost is that of the change.
//  3. Roles and roots under their versions, audits, and at last the timestamp, in one step.
//
// Cut off anywhere before that step, the mirror serves the state before, whole.

import {
  copyTiles,
  fetchAccepted,
  lookUpLeaves,
  openClient,
  type Snapshot,
  trustRoot,
  acceptRoot,
} from '@cargo-tuf/client';
import { CLIENT_LIMITS, auditPath } from '@cargo-tuf/client';
import type { OpenMirrors } from '@cargo-tuf/cargo-tuf-lib';
import {
  foldCrateName,
  type IndexVersion,
  indexPath,
  parseIndexEntry,
  parseRegistryConfig,
} from '@cargo-tuf/crate-index';
import { decodeHex, encodeHex, equalBytes } from '@cargo-tuf/keys';
import { changesPath, type Leaf, tilePath } from '@cargo-tuf/merkle-snapshot';
import { packBundle, targetUrlPath, verifyContent } from '@cargo-tuf/metadata';
import { fail } from '../errors.ts';
import type { PublishedFiles } from '../published-folder.ts';
import { copyArchive } from './archives.ts';
import {
  type Completeness,
  type MirrorFolder,
  readCompleteness,
  writeCompleteness,
} from './mirror-folder.ts';
import { type Selection, spellingsOf } from './selection.ts';

export interface CopyOptions extends OpenMirrors {
  readonly mirror: MirrorFolder;
  /** Undefined: everything. */
  readonly selection: Selection | undefined;
  readonly archives: boolean;
  /** Read again and repair what stands there, too. */
  readonly verify: boolean;
  readonly clock: () => number;
  /** Crates done, of how many. */
  readonly onProgress?: (done: number, total: number, name: string) => void;
}

export interface CopyReport {
  readonly timestamp: number;
  readonly tree: number;
  readonly complete: boolean;
  /** Files that were written, archives among them. */
  readonly written: number;
  readonly archives: number;
  /** Wanted names of which the index has nothing that was wanted. */
  readonly absent: readonly string[];
}

export async function copyRepository(options: CopyOptions): Promise<CopyReport> {
  const { mirror, source, selection } = options;
  const { folder, store } = mirror;
  const client = openClient({ root: mirror.root, source, store, clock: options.clock, eager: true });
  const snapshot = await client.sync();
  if (!snapshot.root.value.consistentSnapshot)
    throw fail('ADMIN_MIRROR', 'root: no consistent snapshots; such files change under a mirror');
  const before = await readCompleteness(folder);
  const wanted = { complete: selection === undefined, archives: options.archives };
  // Said before a tile is written of which less would be true: a copy that is cut off is gone on with.
  const during = before === undefined ? wanted : atMost(before, wanted);
  await writeCompleteness(folder, during);
  const standsFor = (state: Completeness): boolean => state.complete && (state.archives || !wanted.archives);
  const trustsTiles = (before === undefined || standsFor(before)) && wanted.complete && !options.verify;
  const copy = new Copy(options, snapshot);
  await copy.targets();
  const absent = selection === undefined ? [] : await copy.paths(selection);
  if (selection === undefined) await copy.maps(trustsTiles);
  await copy.changes();
  await copy.metadata((await store.read()).documents);
  if (wanted.complete) await writeCompleteness(folder, wanted);
  await store.settled();
  const { timestamp, tree = 0 } = snapshot.versions;
  const { written, archives } = copy;
  return { timestamp, tree, complete: selection === undefined, written, archives, absent };
}

function atMost(one: Completeness, other: Completeness): Completeness {
  return { complete: one.complete && other.complete, archives: one.archives && other.archives };
}

class Copy {
  readonly #options: CopyOptions;
  readonly #files: PublishedFiles;
  readonly #snapshot: Snapshot;
  #dl = '';
  #done = 0;
  written = 0;
  archives = 0;

  constructor(options: CopyOptions, snapshot: Snapshot) {
    this.#options = options;
    this.#files = options.mirror.files;
    this.#snapshot = snapshot;
  }

  /** The targets of the top-level role: config.json. */
  async targets(): Promise<void> {
    for (const [path, { hashes }] of this.#snapshot.targets.value.targets) {
      const bytes = await this.#snapshot.fetchTarget(path);
      const sha256 = hashes.get('sha256');
      if (bytes === undefined || sha256 === undefined) continue;
      if (path === 'config.json') this.#dl = parseRegistryConfig(bytes).dl;
      await this.#ensure(`targets/${targetUrlPath(path, sha256)}`, bytes);
    }
  }

  /** Both maps, whole. */
  async maps(trustsTiles: boolean): Promise<void> {
    for (const role of ['claims', 'crates'] as const) {
      const map = this.#snapshot.map(role, this.#tiles());
      await copyTiles(map, {
        has: async hash => trustsTiles && this.#files.has(tilePath(hash)),
        putLeaves: async leaves => {
          if (role === 'claims') return;
          for (const leaf of leaves) {
            this.#options.onProgress?.(this.#done++, map.size, leaf.name);
            await this.#putLeaf(leaf, () => true);
          }
        },
        putTile: (hash, bytes) => this.#ensure(tilePath(hash), bytes),
      });
    }
  }

  /** The tiles on the paths of some names, with what they lead to. Gives the names of which nothing was found. */
  async paths(selection: Selection): Promise<readonly string[]> {
    const names = [...new Set([...selection.keys()].flatMap(spellingsOf))];
    const leaves = await lookUpLeaves(this.#snapshot.map('crates', this.#tiles()), names);
    await lookUpLeaves(this.#snapshot.map('claims', this.#tiles()), names.map(foldCrateName));
    // Through the snapshot as well, which knows what may be said of a name.
    await this.#snapshot.leaves([...selection.keys()]);
    const absent: string[] = [];
    for (const [name, wants] of selection) {
      this.#options.onProgress?.(this.#done++, selection.size, name);
      const leaf = leaves.get(name);
      if (leaf === undefined || !(await this.#putLeaf(leaf, wants))) absent.push(name);
    }
    return absent;
  }

  /** True when the entry has a version that is wanted. */
  async #putLeaf(leaf: Leaf, wants: (version: IndexVersion) => boolean): Promise<boolean> {
    if (leaf.kind !== 'entry') return false;
    const path = indexPath(leaf.name);
    const sha256 = encodeHex(leaf.sha256);
    const published = `targets/${targetUrlPath(path, sha256)}`;
    const present = await this.#files.get(published);
    const bytes = present?.tag === sha256 ? present.bytes : await this.#fetchEntry(published, path, leaf);
    await this.#ensure(published, bytes);
    const versions = parseIndexEntry(path, bytes).versions.filter(wants);
    if (this.#options.archives) {
      for (const version of versions) {
        const wrote = await copyArchive({ ...this.#options, files: this.#files, dl: this.#dl }, version);
        if (!wrote) continue;
        this.written += 1;
        this.archives += 1;
      }
    }
    return versions.length > 0;
  }

  #fetchEntry(published: string, path: string, { length, sha256 }: Leaf): Promise<Uint8Array> {
    const file = { length, hashes: new Map([['sha256', encodeHex(sha256)]]) };
    const most = Math.min(length, CLIENT_LIMITS.target);
    return fetchAccepted(this.#options.source, published, most, `the signed index lists ${path}`, bytes => {
      verifyContent(bytes, file, path);
      return bytes;
    });
  }

  /** What changed in the last versions of the map. It spares clients proofs; a repository need not have it. */
  async changes(): Promise<void> {
    const { changes = new Map() } = this.#snapshot.delegated('crates')?.value.map ?? {};
    for (const { length, sha256 } of changes.values()) {
      const path = changesPath(decodeHex(sha256));
      if ((await this.#files.get(path))?.tag === sha256) continue;
      const bytes = await this.#options.source.fetch(path, { maxLength: length });
      if (bytes === null) continue;
      verifyContent(bytes, { length, hashes: new Map([['sha256', sha256]]) }, path);
      await this.#ensure(path, bytes);
    }
  }

  /** What the client holds in trust, the timestamp last. */
  async metadata(documents: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const { root, targets, timestamp } = this.#snapshot;
    await this.#roots(documents, root.value.version);
    const of = (name: string): Uint8Array => {
      const bytes = documents.get(name);
      if (bytes !== undefined) return bytes;
      throw fail('ADMIN_MIRROR', `state: holds no ${name} after a sync`);
    };
    const { version } = timestamp.value.snapshot;
    const bundle = packBundle([
      of('snapshot'),
      of('targets'),
      of('delegated.claims'),
      of('delegated.crates'),
    ]);
    if (bundle !== undefined) await this.#ensure(`metadata/${version}.bundle`, bundle);
    await this.#ensure(`metadata/${targets.value.version}.targets.json`, of('targets'));
    for (const name of ['claims', 'crates'] as const) {
      const roleVersion = this.#snapshot.delegated(name)?.value.version;
      await this.#ensure(`metadata/${roleVersion}.${name}.json`, of(`delegated.${name}`));
    }
    await this.#ensure(`metadata/${version}.snapshot.json`, of('snapshot'));
    for (const keyId of root.value.auditors?.keys.keys() ?? []) {
      const audit = documents.get(`audit.${keyId}`);
      if (audit !== undefined) await this.#ensure(auditPath(keyId), audit);
    }
    await this.#ensure('metadata/timestamp.json', timestamp.bytes);
  }

  /** Every root from the first: there are clients who trust an older one than we do. */
  async #roots(documents: ReadonlyMap<string, Uint8Array>, newest: number): Promise<void> {
    const anchor = trustRoot(this.#options.mirror.root);
    const first = anchor.root.value.version;
    let older = undefined as ReturnType<typeof trustRoot> | undefined;
    for (let version = 1; version < first; version++) {
      const path = `metadata/${version}.root.json`;
      const last = older;
      older = await fetchAccepted(
        this.#options.source,
        path,
        CLIENT_LIMITS.root,
        'clients may trust it',
        bytes => (last === undefined ? trustRoot(bytes) : acceptRoot(last, bytes)),
      );
      await this.#ensure(path, older.root.bytes);
    }
    if (older !== undefined) acceptRoot(older, anchor.root.bytes);
    for (let version = first; version <= newest; version++) {
      const bytes = version === first ? anchor.root.bytes : documents.get(`root.${version}`);
      if (bytes !== undefined) await this.#ensure(`metadata/${version}.root.json`, bytes);
    }
  }

  /** Tiles that stand in the mirror, and where those that are fetched go. */
  #tiles(): Parameters<Snapshot['map']>[1] {
    return {
      cached: async (_, id) => (await this.#files.get(tilePath(decodeHex(id))))?.bytes ?? null,
      keep: (_, id, bytes) => this.#ensure(tilePath(decodeHex(id)), bytes),
    };
  }

  /** The file as it was verified, whatever stands there. */
  async #ensure(path: string, bytes: Uint8Array): Promise<void> {
    const present = await this.#files.get(path);
    if (present !== null && equalBytes(present.bytes, bytes)) return;
    const result =
      present === null
        ? await this.#files.putIfAbsent(path, bytes)
        : await this.#files.compareAndSwap(path, bytes, present.tag);
    if (result === 'conflict' || result === 'unknown')
      throw fail('ADMIN_MIRROR', `${path}: changed while it was copied`);
    this.written += 1;
  }
}
