// `publish --every`: what comes into a folder is published in batches, until the program is told to end.

import { rm, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { runAdmin } from '../src/run.ts';
import { HOUR, openRegistry, type Trial } from './trial.ts';

interface Batch {
  readonly added: readonly string[];
  readonly timestampVersion: number;
  readonly treeVersion: number;
  readonly unchanged: number;
  readonly milliseconds: number;
}

let stop: AbortController;
let ended: Promise<number> | undefined;

afterEach(async () => {
  stop.abort();
  await ended;
});

/** The program, and what it has printed so far. */
function start(trial: Trial, ...options: readonly string[]) {
  stop = new AbortController();
  const seen = { lines: [] as Batch[], stderr: '' };
  ended = runAdmin(['publish', 'registry', '--every', '1', '--json', ...options], {
    stdout: { write: text => seen.lines.push(JSON.parse(text) as Batch) },
    stderr: { write: text => (seen.stderr += text) },
    env: {},
    cwd: trial.folder,
    clock: () => trial.now,
    signal: stop.signal,
  });
  return seen;
}

describe('publish --every', () => {
  it('publishes what comes, what changes, and nothing twice', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    const seen = start(trial, '--crates', 'crates');
    await expect.poll(() => seen.lines.length).toBe(1);
    await trial.crate('crates', 'itoa', '1.0.1');
    await trial.crate('crates', 'ryu', '1.0.0');
    await expect.poll(() => seen.lines.length, { timeout: 5000 }).toBe(2);
    await new Promise(resolve => setTimeout(resolve, 1500));
    expect(seen.lines).toMatchObject([
      { added: ['itoa 1.0.0'], treeVersion: 2, timestampVersion: 2 },
      { added: ['itoa 1.0.1', 'ryu 1.0.0'], unchanged: 0, treeVersion: 3, timestampVersion: 3 },
    ]);
    expect(seen.lines[1]?.milliseconds).toBeGreaterThanOrEqual(0);
    stop.abort();
    expect(await ended).toBe(0);
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({ ok: true, versions: 3 });
  });

  it('signs again what is about to expire', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    const seen = start(trial, '--crates', 'crates');
    await expect.poll(() => seen.lines.length).toBe(1);
    trial.now += 13 * HOUR;
    await expect.poll(() => seen.lines.length, { timeout: 5000 }).toBe(2);
    expect(seen.lines[1]).toMatchObject({ added: [], treeVersion: 2, timestampVersion: 3 });
  });

  it('tells once of a batch that is refused, and publishes it when it is right', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    const seen = start(trial, '--crates', 'crates');
    await expect.poll(() => seen.lines.length).toBe(1);
    await writeFile(trial.path('crates/bad-1.0.0.crate'), 'no archive');
    await trial.crate('crates', 'ryu', '1.0.0');
    await expect.poll(() => seen.stderr, { timeout: 5000 }).toContain('bad-1.0.0.crate');
    await new Promise(resolve => setTimeout(resolve, 1500));
    expect(seen.stderr.match(/error:/g)).toHaveLength(1);
    expect(seen.lines).toHaveLength(1);
    await rm(trial.path('crates/bad-1.0.0.crate'));
    await expect.poll(() => seen.lines.length, { timeout: 5000 }).toBe(2);
    expect(seen.lines[1]).toMatchObject({ added: ['ryu 1.0.0'] });
  });

  it('reads nothing of the map again that it knows', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    const seen = start(trial, '--crates', 'crates');
    await expect.poll(() => seen.lines.length).toBe(1);
    // The one tile that stands is replaced as a whole.
    await rm(trial.path('registry/public/map'), { recursive: true });
    await trial.crate('crates', 'ryu', '1.0.0');
    await expect.poll(() => seen.lines.length, { timeout: 5000 }).toBe(2);
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({ ok: true, versions: 2 });
  });

  it('goes on from what another publisher made of the map', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    const seen = start(trial, '--crates', 'crates');
    await expect.poll(() => seen.lines.length).toBe(1);
    await trial.crate('others', 'ryu', '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'others');
    await trial.crate('crates', 'serde', '1.0.0');
    await expect.poll(() => seen.lines.length, { timeout: 5000 }).toBe(2);
    expect(seen.lines[1]).toMatchObject({ added: ['serde 1.0.0'], treeVersion: 4 });
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({ ok: true, versions: 3 });
  });

  it('goes on with the keys of a rotation', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    const seen = start(trial, '--crates', 'crates');
    await expect.poll(() => seen.lines.length).toBe(1);
    await trial.done('rotate', 'registry', 'timestamp', '--unencrypted-keys');
    await trial.crate('crates', 'ryu', '1.0.0');
    await expect.poll(() => seen.lines.length, { timeout: 8000 }).toBe(2);
    expect(seen.lines[1]).toMatchObject({ added: ['ryu 1.0.0'] });
    expect(seen.stderr).toContain('REPOSITORY_KEYS');
    await trial.done('verify', 'registry');
  });

  it('takes seconds alone', async () => {
    const trial = await openRegistry();
    for (const every of ['0', '5s', '-1', '100000'])
      expect((await trial.run('publish', 'registry', '--crates', 'x', '--every', every)).code).toBe(2);
    stop = new AbortController();
  });
});
