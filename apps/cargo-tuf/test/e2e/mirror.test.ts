// A mirror that `tuf-admin mirror` made, served from plain files by nginx: the unmodified cargo builds from it through `cargo tuf`.
// With one byte changed in a file of any kind, the client says which file, and goes on to the next mirror.

import { openClient, openMemoryStore } from '@cargo-tuf/client';
import { HonestRepository, indexEntry, SimulatedClock } from '@cargo-tuf/simulator';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeProject } from '../../../../tools/fixtures/debian-project.ts';
import { type Mirror, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import { hasNginx, type Nginx, NO_NGINX, startNginx } from '../../../../tools/fixtures/nginx.ts';
import { archivesOf, entriesOf, SMALL_CRATES } from '../../../../tools/fixtures/small-registry.ts';
import { Developer } from './developer.ts';
import { type Ended, runProgram } from './process.ts';
import { hasCargo, NO_CARGO } from './tools.ts';

const TUF_ADMIN = fileURLToPath(new URL('../../../tuf-admin/dist/main.js', import.meta.url));
const GUIDE = fileURLToPath(new URL('../../../../docs/guides/mirror.md', import.meta.url));
/** More than one tile's worth of buckets: the map then has inner tiles below its root's. */
const FILLERS = 4_500;

let folder: string;
let honest: HonestRepository;
let origin: Mirror;
let nginx: Nginx;
/** Whether anybody has bundles: without them the roles are asked for one by one. */
let bundles = true;

beforeAll(async () => {
  if (!hasCargo || !hasNginx) return;
  folder = await mkdtemp(`${tmpdir()}/mirror-`);
  const archives = new Map<string, Uint8Array>();
  origin = await startMirror(path => {
    if (path.endsWith('.bundle') && !bundles) return null;
    return (path.startsWith('dl/') ? archives : honest.files).get(path) ?? null;
  });
  honest = await HonestRepository.create({
    clock: new SimulatedClock(Date.now()),
    config: new TextEncoder().encode(JSON.stringify({ dl: `${origin.url}dl/{crate}/{version}` })),
  });
  const fillers = Array.from({ length: FILLERS }, (_, index) => `filler-${index}`);
  await honest.publish({ entries: new Map(fillers.map(name => [name, indexEntry(name, '1.0.0')])) });
  await honest.publish({ deleted: fillers });
  await honest.publish({ entries: await entriesOf(SMALL_CRATES) });
  await honest.renewRoot();
  for (const [path, bytes] of archivesOf(SMALL_CRATES)) honest.files.set(path, bytes);
  for (const { name, version, archive } of SMALL_CRATES) archives.set(`dl/${name}/${version}`, archive);
  await writeFile(`${folder}/root.json`, honest.root);
  const made = await admin('mirror', origin.url, `${folder}/mirror`, '--root', `${folder}/root.json`);
  expect(made.stdout).toContain('complete');
  const guide = await readFile(GUIDE, 'utf8');
  const locations = /root [^;]*;\n([\s\S]*?)\n}\n```/.exec(guide)?.[1] ?? '';
  expect(locations).toContain('location /audits/');
  nginx = await startNginx(`${folder}/nginx`, `${folder}/mirror/public`, locations);
}, 300_000);

afterAll(async () => {
  await nginx?.close();
  await origin?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function admin(...args: readonly string[]): Promise<Ended> {
  const ended = await runProgram(process.execPath, [TUF_ADMIN, ...args]);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return ended;
}

/** A user with an empty home builds from these mirrors. */
async function build(
  mirrors: readonly string[],
): Promise<{ readonly ended: Ended; readonly refused: readonly unknown[] }> {
  const developer = await Developer.create();
  try {
    await developer.trust(honest.root, mirrors);
    await writeProject(developer.project, { greeting: '"1"', farewell: '"0.1"' });
    const ended = await developer.tuf(['build']);
    const status = await developer.tuf(['status', '--json']);
    return { ended, refused: (JSON.parse(status.stdout) as { refused: readonly unknown[] }).refused };
  } finally {
    await developer.remove();
  }
}

/** The tiles on the way to a crate, from the root's down. */
async function tilesTo(name: string): Promise<readonly string[]> {
  const tiles: string[] = [];
  const source = {
    fetch: async (path: string) => {
      if (path.endsWith('.tile')) tiles.push(path);
      return honest.files.get(path) ?? null;
    },
  };
  const client = openClient({ root: honest.root, source, store: openMemoryStore(), clock: Date.now });
  await (await client.sync()).entries([name]);
  return tiles;
}

async function newest(role: string): Promise<string> {
  const names = await readdir(`${folder}/mirror/public/metadata`);
  const versions = names.flatMap(name => new RegExp(`^([0-9]+)\\.${role}\\.json$`).exec(name)?.[1] ?? []);
  return `metadata/${Math.max(...versions.map(Number))}.${role}.json`;
}

async function targetOf(name: string): Promise<string> {
  const found = [...honest.files.keys()].find(
    path => path.startsWith('targets/') && path.endsWith(`.${name}`),
  );
  return found as string;
}

const ARCHIVE = 'crates/greeting/greeting-1.1.0.crate';

const KINDS: readonly (readonly [string, () => Promise<string>])[] = [
  ['timestamp', async () => 'metadata/timestamp.json'],
  ...['root', 'snapshot', 'targets', 'claims', 'crates'].map(role => [role, () => newest(role)] as const),
  ['bundle', async () => (await newest('snapshot')).replace('snapshot.json', 'bundle')],
  ['root tile', async () => (await tilesTo('greeting'))[0]],
  ['inner tile', async () => (await tilesTo('greeting'))[1]],
  ['bucket tile', async () => (await tilesTo('greeting')).at(-1) as string],
  ['index entry', () => targetOf('greeting')],
  ['config.json', () => targetOf('config.json')],
  ['archive', async () => ARCHIVE],
];

describe('a mirror that nginx serves', () => {
  it('serves the unmodified cargo alone: nobody else is asked', async ctx => {
    ctx.skip(!hasCargo, NO_CARGO);
    ctx.skip(!hasNginx, NO_NGINX);
    expect((await tilesTo('greeting')).length).toBe(3);
    origin.requests.length = 0;
    const { ended, refused } = await build([nginx.url, origin.url]);
    expect(ended.stderr).toContain('Finished');
    expect(ended.code).toBe(0);
    expect(refused).toEqual([]);
    // Where the mirror says that there is no newer root, the next one is asked, too.
    expect(origin.requests.filter(path => !path.endsWith('.root.json'))).toEqual([]);
  });

  it.for(KINDS)('with one byte changed in its %s is passed over, and named', async ([kind, find], ctx) => {
    ctx.skip(!hasCargo, NO_CARGO);
    ctx.skip(!hasNginx, NO_NGINX);
    const path = await find();
    const file = `${folder}/mirror/public/${path}`;
    const right = await readFile(file);
    const wrong = right.map((byte, at) => (at === right.length >> 1 ? byte ^ 1 : byte));
    // Where archives are is asked only if the mirrors have none.
    const withoutArchives = kind === 'config.json';
    const archive = `${folder}/mirror/public/${ARCHIVE}`;
    const kept = await readFile(archive);
    const keptAtOrigin = honest.files.get(ARCHIVE) as Uint8Array;
    const bundle = `${folder}/mirror/public/${(await newest('snapshot')).replace('snapshot.json', 'bundle')}`;
    const keptBundle = await readFile(bundle);
    bundles = kind === 'bundle';
    try {
      if (!bundles) await rm(bundle);
      if (withoutArchives) {
        await rm(archive);
        honest.files.delete(ARCHIVE);
      }
      await writeFile(file, wrong);
      const { ended, refused } = await build([nginx.url, origin.url]);
      expect(ended.stderr).toContain(`warning: mirror ${nginx.url} serves a wrong ${path}: `);
      expect(ended.stderr).toContain('Finished');
      expect(ended.code).toBe(0);
      expect(refused).toEqual([expect.objectContaining({ mirror: nginx.url, path })]);
      const alone = await build([nginx.url]);
      if (bundles) {
        // It is as good as none.
        expect(alone.ended.code, alone.ended.stderr).toBe(0);
        return;
      }
      expect(alone.ended.stderr).toContain(`serves a wrong ${path}: `);
      // Cargo resolves first, and exits with 101; the archives that it then wants are fetched before it runs again.
      expect(alone.ended.code, alone.ended.stderr).toBe(/config|archive/.test(kind) ? 4 : 101);
      expect(alone.ended.stderr).not.toContain('Finished');
    } finally {
      bundles = true;
      await writeFile(bundle, keptBundle);
      await writeFile(file, right);
      await writeFile(archive, kept);
      honest.files.set(ARCHIVE, keptAtOrigin);
    }
  });
});
