// Eight processes sync one folder while a registry publishes and rotates, and are killed at random moments: never a torn
// read, never a lost root, never a version that falls; the next sync succeeds. CARGO_TUF_SOAK_KILLS says how many kills.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openClient } from '@cargo-tuf/client';
import { openFolderStore } from '@cargo-tuf/folder-store';
import { Attacker, HonestRepository, indexEntry, SimulatedClock } from '@cargo-tuf/simulator';
import { expect, it } from 'vitest';
import { startMirror } from '../../fixtures/mirror-server.ts';

const WORKER = fileURLToPath(new URL('../sync-worker.mjs', import.meta.url));
const KILLS = Number(process.env['CARGO_TUF_SOAK_KILLS'] ?? 15);
const PROCESSES = 8;

interface Message {
  readonly damage?: string;
  readonly error?: string;
  readonly versions?: { readonly tree: number; readonly root: number };
}

it(`eight processes on one folder survive ${KILLS} kills`, async () => {
  const folder = await mkdtemp(`${tmpdir()}/soak-`);
  const honest = await HonestRepository.create({ clock: new SimulatedClock(Date.now()) });
  await honest.publish({ entries: new Map([['itoa', indexEntry('itoa', '1.0.0')]]) });
  const mirror = await startMirror(path => honest.files.get(path) ?? null);
  await writeFile(`${folder}/root.json`, honest.root);
  const seen = { damage: [] as string[], errors: [] as string[], died: 0, syncs: 0, root: 0 };
  const workers = new Set<ChildProcess>();
  const start = () => {
    const worker = fork(WORKER, [`${folder}/root.json`, mirror.url, `${folder}/state`], { execArgv: [] });
    let tree = 0;
    worker.on('message', ({ damage, error, versions }: Message) => {
      if (damage) seen.damage.push(damage);
      if (error) seen.errors.push(error);
      if (versions === undefined) return;
      seen.syncs += 1;
      seen.root = Math.max(seen.root, versions.root);
      // What one process has seen it never sees fall.
      if (versions.tree < tree) seen.errors.push(`tree ${versions.tree} after ${tree}`);
      tree = versions.tree;
    });
    worker.on('exit', code => {
      if (code !== null) seen.died += 1;
      workers.delete(worker);
    });
    workers.add(worker);
  };
  const stop = async (worker: ChildProcess) => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
  };
  try {
    for (let count = 0; count < PROCESSES; count++) start();
    while (seen.syncs === 0 && seen.died === 0) await sleep(20);
    for (let kill = 0; kill < KILLS && seen.died === 0; kill++) {
      await sleep(20 + Math.random() * 280);
      if (kill % 5 === 0) {
        await honest.publish({
          entries: new Map([['itoa', indexEntry('itoa', '1.0.0', `1.0.${kill + 1}`)]]),
        });
      }
      if (kill % 20 === 10) await honest.renewRoot();
      const victim = [...workers][Math.floor(Math.random() * workers.size)];
      if (victim !== undefined) await stop(victim);
      start();
      const reader = await openFolderStore(`${folder}/state`, {
        readOnly: true,
        onDamage: error => seen.damage.push(error.message),
      });
      await reader.read();
    }
    await sleep(500);
  } finally {
    for (const worker of workers) await stop(worker);
    await mirror.close();
  }
  expect(seen.died).toBe(0);
  const store = await openFolderStore(`${folder}/state`, {
    onDamage: error => seen.damage.push(error.message),
  });
  const client = openClient({
    root: honest.root,
    source: new Attacker(honest.files),
    store,
    clock: Date.now,
  });
  const snapshot = await client.sync();
  expect(snapshot.versions.root).toBeGreaterThanOrEqual(seen.root);
  expect(new TextDecoder().decode((await snapshot.entries(['itoa'])).get('itoa')?.bytes)).toContain('1.0.0');
  expect(seen.damage).toEqual([]);
  expect(seen.errors).toEqual([]);
  expect(seen.syncs).toBeGreaterThan(0);
  await rm(folder, { recursive: true });
}, 600_000);
