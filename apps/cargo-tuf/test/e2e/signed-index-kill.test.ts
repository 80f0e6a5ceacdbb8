// Processes that are killed while they update a signed git index: what was trusted stays trusted, never falls back, and
// the next update works.

import { execFileSync, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectId } from '@cargo-tuf/git-object';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Keys, openKeys } from '../../../../packages/registry-commits/test/world.ts';
import { CARGO_TUF, Developer } from './developer.ts';
import { NO_INDEX, SignedIndex } from './signed-index.ts';

const ROUNDS = 16;
let keys: Keys;
let index: SignedIndex;
let developer: Developer;

beforeAll(async () => {
  if (NO_INDEX !== undefined) return;
  keys = openKeys(['root1', 'bot1']);
  index = await SignedIndex.create(keys, 'sha1');
  developer = await Developer.create();
  index.world.commit('bot1', { 'root.toml': index.rootOf(1, ['root1'], ['root1', 'bot1']), 'README.md': '' });
  const url = `file://${index.world.folder}/.git`;
  await developer.tuf(['trust', 'add', 'crates-io', '--git', url, '--fingerprint', await index.fingerprint]);
}, 120_000);

afterAll(async () => {
  await index?.close();
  await developer?.remove();
  keys?.close();
});

async function trusted(): Promise<ObjectId> {
  const { stdout, stderr } = await developer.tuf(['status', '--json']);
  expect(stderr).toBe('');
  return JSON.parse(stdout).registries[0].commit;
}

/** Begins an update, and kills all of it after a while. */
async function syncAndKill(milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, [CARGO_TUF, 'sync'], {
    cwd: developer.folder,
    env: developer.environment,
    stdio: 'ignore',
  });
  const ended = new Promise(done => child.on('close', done));
  await sleep(milliseconds);
  child.kill('SIGKILL');
  await ended;
}

it(`keeps what is trusted through ${ROUNDS} rounds of two processes that are killed`, async context => {
  if (NO_INDEX !== undefined) console.log(`skipped: ${NO_INDEX}`);
  context.skip(NO_INDEX !== undefined, NO_INDEX);
  const { world } = index;
  expect((await developer.tuf(['sync'], developer.folder)).code).toBe(0);
  const order = [world.tip];
  let before = world.tip;
  for (let round = 0; round < ROUNDS; round += 1) {
    // A rotation now and then, and a squash.
    if (round % 5 === 3) {
      world.commit('root1', { 'root.toml': index.rootOf(2 + (round - 3) / 5, ['root1'], ['root1', 'bot1']) });
      world.tag('root1', `root-rotation-v1-${2 + (round - 3) / 5}`);
    } else if (round % 5 === 4) world.squash('bot1', { 'README.md': `${round}` });
    else world.commit('bot1', { 'README.md': `${round}` });
    order.push(world.tip);
    await Promise.all([syncAndKill(120 + round * 20), syncAndKill(160 + round * 15)]);
    const now = await trusted();
    expect(order.indexOf(now)).toBeGreaterThanOrEqual(order.indexOf(before));
    before = now;
  }
  const last = await developer.tuf(['sync'], developer.folder);
  expect(last.stderr).toContain(`commit ${world.tip}`);
  expect(last.code).toBe(0);
  const [name = ''] = (await readdir(`${developer.cargoHome}/tuf/crates/crates-io`)).filter(each =>
    each.endsWith('.git'),
  );
  const repository = `${developer.cargoHome}/tuf/crates/crates-io/${name}`;
  execFileSync('git', ['--git-dir', repository, 'fsck', '--strict'], { stdio: 'ignore' });
});
