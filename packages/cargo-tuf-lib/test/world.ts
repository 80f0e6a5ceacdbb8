// A registry with real archives, mirrors of it on this machine, and a home folder to trust it from.

import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  addAnchor,
  type Home,
  openHome,
  openRegistry,
  parseRegistryId,
  type Registry,
  type RegistryOptions,
  type TrustAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import { encodeCrate } from '@cargo-tuf/crate-archive';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { HonestRepository, SimulatedClock } from '@cargo-tuf/simulator';
import { afterEach } from 'vitest';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(`${tmpdir()}/cargo-tuf-lib-`);
  ends.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function makeHome(): Promise<Home> {
  return openHome({ CARGO_HOME: `${await temporaryFolder()}/cargo` }, '/');
}

export async function write(path: string, bytes: string | Uint8Array): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  return path;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const hashOf = (bytes: Uint8Array): string => encodeHex(sha256(bytes));

export interface CrateInput {
  readonly name: string;
  readonly version: string;
  readonly deps?: readonly string[];
  readonly yanked?: boolean;
}

/** An archive as cargo packs it. */
export function archiveOf({ name, version }: { name: string; version: string }): Uint8Array {
  const manifest = `[package]\nname = "${name}"\nversion = "${version}"\n`;
  return encodeCrate(
    name,
    version,
    new Map([
      ['Cargo.toml', utf8(manifest)],
      ['src/lib.rs', utf8(`//! ${name} ${version}\n`)],
      ['src/deep/er/mod.rs', utf8('// deep\n')],
    ]),
  );
}

function lineOf(crate: CrateInput): string {
  const { name, version, deps = [], yanked = false } = crate;
  const cksum = hashOf(archiveOf(crate));
  const list = deps.map(each => ({
    name: each,
    req: '^1',
    features: [],
    optional: false,
    default_features: true,
    target: null,
    kind: 'normal',
  }));
  return `${JSON.stringify({ name, vers: version, deps: list, cksum, features: {}, yanked })}\n`;
}

export function entriesOf(crates: readonly CrateInput[]): ReadonlyMap<string, Uint8Array> {
  const lines = new Map<string, string>();
  for (const crate of crates) {
    const name = crate.name.toLowerCase();
    lines.set(name, (lines.get(name) ?? '') + lineOf(crate));
  }
  return new Map([...lines].map(([name, text]) => [name, utf8(text)]));
}

/** What a complete mirror serves: metadata, index, and the archives of `crates`. */
export interface World {
  readonly clock: SimulatedClock;
  readonly repository: HonestRepository;
  readonly files: Map<string, Uint8Array>;
}

export async function makeWorld(crates: readonly CrateInput[], config?: string): Promise<World> {
  const clock = new SimulatedClock();
  const repository = await HonestRepository.create({ clock, ...(config && { config: utf8(config) }) });
  await repository.publish({ entries: entriesOf(crates) });
  const files = new Map(repository.files);
  for (const crate of crates) files.set(archivePath(crate), archiveOf(crate));
  return { clock, repository, files };
}

export function archivePath({ name, version }: { name: string; version: string }): string {
  return `crates/${name}/${name}-${version}.crate`;
}

export interface Mirror {
  readonly url: string;
  readonly asked: string[];
}

/** Serves files over loopback; a number in place of bytes is a status. */
export async function serve(answer: (path: string) => Uint8Array | number | undefined): Promise<Mirror> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    asked.push(path);
    const found = answer(path);
    if (found instanceof Uint8Array) response.end(found);
    else response.writeHead(found ?? 404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

/** A mirror as a folder: its URL. */
export async function writeMirror(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [path, bytes] of files) await write(`${folder}/${path}`, bytes);
  return `${pathToFileURL(folder).href}/`;
}

export const REGISTRY = parseRegistryId('sparse+https://crates.example/index/');

export async function trust(
  { repository }: World,
  mirrors: readonly string[],
  home?: Home,
): Promise<{ home: Home; anchor: TrustAnchor }> {
  const place = home ?? (await makeHome());
  return {
    home: place,
    anchor: await addAnchor(place, { registry: REGISTRY, root: repository.root, mirrors }),
  };
}

export async function open(
  world: World,
  mirrors: readonly string[],
  options: Partial<RegistryOptions> = {},
): Promise<Registry> {
  const { home, anchor } = await trust(world, mirrors, options.home);
  const registry = await openRegistry({ anchor, home, clock: world.clock.now, proxy: false, ...options });
  ends.push(() => registry.close());
  return registry;
}

/** Every bit of bytes flipped, one at a time. */
export function* flipped(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const copy = Uint8Array.from(bytes);
      copy[at] = (copy[at] as number) ^ (1 << bit);
      yield copy;
    }
  }
}
