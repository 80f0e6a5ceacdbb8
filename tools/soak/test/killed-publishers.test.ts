// Two publishers at once on one registry, one of them killed at a random moment: what clients see is always one complete snapshot,
// nothing that was published is lost, and the next publish goes on. CARGO_TUF_SOAK_KILLS says how many kills.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, openClient, openMemoryStore } from '@cargo-tuf/client';
import { indexPath } from '@cargo-tuf/crate-index';
import { openFolderSource } from '@cargo-tuf/http-transport';
import { indexEntry } from '@cargo-tuf/simulator';
import { expect, it } from 'vitest';

const TUF_ADMIN = fileURLToPath(new URL('../../../apps/tuf-admin/dist/main.js', import.meta.url));
const KILLS = Number(process.env['CARGO_TUF_SOAK_KILLS'] ?? 15);
const FEW = 12;
/** Files enough for two threads to write them. */
const MANY = 400;
/** `ADMIN` says in this way that another publisher was faster. */
const CONFLICT = 3;

it(`two publishers survive ${KILLS} kills of one of them`, async () => {
  const folder = await mkdtemp(`${tmpdir()}/soak-publishers-`);
  const registry = `${folder}/registry`;
  const published = new Set<string>();
  const running = new Set<ChildProcess>();
  let killed = 0;
  const publish = async (
    names: readonly string[],
    at: string,
    killAfter?: number,
  ): Promise<number | null> => {
    const index = await writeIndex(`${folder}/${at}`, names);
    const child = spawn(process.execPath, [TUF_ADMIN, 'publish', registry, '--index', index], {
      stdio: 'pipe',
    });
    running.add(child);
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    const ended = once(child, 'exit') as Promise<[number | null]>;
    if (killAfter !== undefined) await Promise.race([ended, sleep(killAfter)]);
    if (killAfter !== undefined && child.exitCode === null) child.kill('SIGKILL');
    const [code] = await ended;
    running.delete(child);
    if (code === null) killed += 1;
    else expect([0, CONFLICT], said).toContain(code);
    if (code === 0) for (const name of names) published.add(name);
    return code;
  };
  try {
    await admin('init', registry, '--dl', 'https://crates.example/crates', '--unencrypted-keys');
    const root = await readFile(`${registry}/public/metadata/1.root.json`);
    const open = (): Client =>
      openClient({
        root,
        source: openFolderSource(`${registry}/public`),
        store: openMemoryStore(),
        clock: Date.now,
      });
    // One client that remembers, and in each round one that does not.
    const follower = open();
    let slowest = await timeOf(() => publish(namesOf('first'), 'first'));
    for (let round = 0; killed < KILLS; round += 1) {
      const isLarge = round % 4 === 0;
      const one = namesOf(`one-${round}`, isLarge ? MANY : FEW);
      const other = namesOf(`other-${round}`);
      await Promise.all([
        publish(one, 'one', Math.random() * (isLarge ? 2 : 1.2) * slowest),
        timeOf(() => publish(other, 'other')).then(time => (slowest = Math.max(slowest * 0.95, time))),
      ]);
      for (const client of [follower, open()]) await assertWhole(client, published, [one, other]);
      expect(round, 'rounds in which no publisher was killed').toBeLessThan(5 * KILLS + 20);
    }
    expect(await publish(namesOf('last'), 'last')).toBe(0);
    await assertWhole(follower, published, [[...published]]);
    const checked = JSON.parse(await admin('verify', registry, '--json')) as { crates: number };
    expect(checked.crates).toBeGreaterThanOrEqual(published.size);
  } finally {
    for (const child of running) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
}, 900_000);

/** The map is whole, has all that was published, and of each batch all or none; the entries are there. */
async function assertWhole(
  client: Client,
  published: ReadonlySet<string>,
  batches: readonly (readonly string[])[],
): Promise<void> {
  const snapshot = await client.sync();
  const tree = await snapshot.tree();
  for (const name of published) expect(tree.leaf(name), name).toBeDefined();
  for (const names of batches) {
    const entries = await snapshot.entries(names);
    const found = names.filter(name => entries.get(name) !== undefined);
    expect([0, names.length]).toContain(found.length);
  }
}

const namesOf = (prefix: string, count: number = FEW): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

async function writeIndex(folder: string, names: readonly string[]): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  for (const name of names) {
    const file = `${folder}/${indexPath(name)}`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, indexEntry(name, '1.0.0'));
  }
  return folder;
}

async function admin(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [TUF_ADMIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code, `tuf-admin ${args.join(' ')}`).toBe(0);
  return said;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
