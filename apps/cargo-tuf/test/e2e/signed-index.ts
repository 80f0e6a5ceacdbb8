import { readdir, readFile } from 'node:fs/promises';
import type { ObjectFormat } from '@cargo-tuf/git-object';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { hasGpg } from '../../../../packages/openpgp/test/gpg.ts';
import { type Files, type Keys, World } from '../../../../packages/registry-commits/test/world.ts';
import { packDebianCrates } from '../../../../tools/fixtures/debian-crates.ts';
import { type GitServer, startGitServer } from '../../../../tools/fixtures/git-server.ts';
import { type Mirror, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import { entriesOf, type SmallCrate } from '../../../../tools/fixtures/small-registry.ts';
import { hasCargo, NO_CARGO } from './tools.ts';

/** Why a signed index cannot be tried here. */
export const NO_INDEX: string | undefined = !hasCargo
  ? NO_CARGO
  : hasGpg
    ? undefined
    : 'needs gpg, and there is none on this machine';

/** A signed git index made by hand, with the real git and gpg, served by git's own web server; archives beside it. */
export class SignedIndex {
  readonly world: World;
  git: GitServer;
  readonly archives: Mirror;
  readonly #bytes: Map<string, Uint8Array>;
  #crates: readonly SmallCrate[] = [];

  private constructor(world: World, git: GitServer, archives: Mirror, bytes: Map<string, Uint8Array>) {
    this.world = world;
    this.git = git;
    this.archives = archives;
    this.#bytes = bytes;
  }

  static async create(keys: Keys, format: ObjectFormat): Promise<SignedIndex> {
    const world = new World(keys, format, () => undefined);
    const bytes = new Map<string, Uint8Array>();
    const archives = await startMirror(path => bytes.get(path) ?? null);
    return new SignedIndex(world, await startGitServer(world.folder), archives, bytes);
  }

  /** The same server again, after it was closed. */
  async reopen(): Promise<void> {
    this.git = await startGitServer(this.world.folder, Number(new URL(this.git.url).port));
  }

  /** What cargo and `Cargo.lock` call the registry. */
  get url(): string {
    return `${this.git.url}.git`;
  }

  /** Files of an index with these crates, beside those that it has. Their archives can be downloaded from now on. */
  async files(crates: readonly SmallCrate[]): Promise<Files> {
    this.#crates = [...this.#crates, ...crates];
    const files: Record<string, Uint8Array | string> = { 'config.json': this.config };
    for (const { name, version, archive } of crates) this.#bytes.set(`${name}/${version}/download`, archive);
    for (const [name, entry] of await entriesOf(this.#crates)) files[pathOf(name)] = entry;
    return files;
  }

  get config(): string {
    return `{"dl":"${this.archives.url.slice(0, -1)}"}\n`;
  }

  rootOf(version: number, root: readonly string[], timestamp: readonly string[]): Uint8Array {
    return this.world.root({ version, roles: { root: { keys: root }, timestamp: { keys: timestamp } } });
  }

  get fingerprint(): Promise<string> {
    return readFile(`${this.world.folder}/root.toml`).then(bytes => encodeHex(sha256(bytes)));
  }

  async close(): Promise<void> {
    this.world.close();
    await this.git.close();
    await this.archives.close();
  }
}

function pathOf(name: string): string {
  if (name.length < 3) return `${name.length}/${name}`;
  if (name.length === 3) return `3/${name[0]}/${name}`;
  return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
}

/** Crates of Debian's packages, by name. */
export async function debianCrates(folder: string, names: readonly string[]): Promise<readonly SmallCrate[]> {
  await packDebianCrates(folder, names);
  const crates: SmallCrate[] = [];
  for (const file of await readdir(folder)) {
    const [, name, version] = /^(.+?)-([0-9]+\..+)\.crate$/.exec(file) ?? [];
    if (name === undefined || version === undefined) continue;
    crates.push({ name, version, archive: await readFile(`${folder}/${file}`) });
  }
  return crates;
}
