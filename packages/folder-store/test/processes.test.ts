import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { nodeProcesses, openFolderStore } from '@cargo-tuf/folder-store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let program: string;
let folder: string;
let children: ChildProcess[];

beforeAll(async () => {
  program = await mkdtemp(`${tmpdir()}/folder-store-program-`);
  await build({
    config: false,
    entry: { worker: fileURLToPath(new URL('./worker.ts', import.meta.url)) },
    outDir: program,
    format: ['esm'],
    target: 'node20',
    noExternal: [/@cargo-tuf/, /@noble/],
    silent: true,
    esbuildOptions: options => {
      options.conditions = ['@cargo-tuf/source'];
      options.outExtension = { '.js': '.mjs' };
    },
  });
});
afterAll(async () => rm(program, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/folder-store-`);
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [`${program}/worker.mjs`, folder, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) return line;
  throw new Error('the worker said nothing');
}

describe('two processes', () => {
  it('lose no change when both count at once', async () => {
    const counters = [start('count', '40'), start('count', '40')];
    const codes = await Promise.all(counters.map(child => once(child, 'exit')));
    expect(codes).toEqual([
      [0, null],
      [0, null],
    ]);
    const { revision, documents } = await (await openFolderStore(folder)).read();
    expect(new TextDecoder().decode(documents.get('counter'))).toBe('80');
    expect(revision).toBe(80);
    expect((await readdir(`${folder}/lock`)).length).toBeLessThanOrEqual(4);
  });

  it('read whole states while another writes', async () => {
    const writer = start('count', '60');
    const ended = once(writer, 'exit');
    const store = await openFolderStore(folder, {
      readOnly: true,
      onDamage: error => expect.unreachable(error.message),
    });
    let running = true;
    void ended.then(() => {
      running = false;
    });
    let reads = 0;
    let highest = 0;
    while (running) {
      const { revision, documents } = await store.read();
      expect(revision).toBeGreaterThanOrEqual(highest);
      highest = revision;
      if (revision > 0) expect(new TextDecoder().decode(documents.get('counter'))).toBe(String(revision));
      reads += 1;
    }
    expect(reads).toBeGreaterThan(10);
    expect(highest).toBeGreaterThan(0);
  });
});

describe('the lock', () => {
  it('of a killed holder is free at once', async () => {
    const holder = start('hold');
    expect(await firstLine(holder)).toBe('held');
    const store = await openFolderStore(folder, { lockTimes: { waitMs: 200 } });
    await expect(store.exclusive(async () => 1)).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      kind: 'conflict',
      details: { pid: holder.pid },
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await store.exclusive(async () => 2)).toBe(2);
  });

  it('of a stopped but living holder is not taken', async () => {
    const holder = start('hold');
    expect(await firstLine(holder)).toBe('held');
    holder.kill('SIGSTOP');
    const store = await openFolderStore(folder, { lockTimes: { waitMs: 300, silenceMs: 50 } });
    await expect(store.exclusive(async () => 1)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  });

  it('of a process elsewhere is kept as long as it is touched, and taken after its silence', async () => {
    let elsewhere = true;
    const processes = {
      ...nodeProcesses,
      judge: async () => (elsewhere ? ('unknown' as const) : ('alive' as const)),
    };
    const holder = await openFolderStore(folder, { lockTimes: { touchMs: 20 } });
    const waiter = await openFolderStore(folder, { processes, lockTimes: { waitMs: 400, silenceMs: 200 } });
    await holder.exclusive(async () => {
      await expect(waiter.exclusive(async () => 1)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    });
    const silent = await openFolderStore(folder, { lockTimes: { touchMs: 60_000 } });
    await silent.exclusive(async held => {
      elsewhere = false;
      await expect(waiter.exclusive(async () => 1)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
      elsewhere = true;
      expect(await waiter.exclusive(async () => 2)).toBe(2);
      const late = held.replace(0, new Map([['a', new Uint8Array()]]));
      await expect(late).rejects.toMatchObject({ code: 'STORE_LOCK_LOST' });
    });
    expect((await holder.read()).revision).toBe(0);
  });

  it('whose file was cut short, or names a reused process id, is taken', async () => {
    await mkdir(`${folder}/lock`, { mode: 0o700 });
    await writeFile(`${folder}/lock/7`, '');
    const store = await openFolderStore(folder, { lockTimes: { silenceMs: 100 } });
    expect(await store.exclusive(async () => readdir(`${folder}/lock`))).toEqual(['8']);

    const self = await nodeProcesses.self();
    expect(await nodeProcesses.judge(self)).toBe('alive');
    expect(await nodeProcesses.judge({ ...self, place: 'another' })).toBe('unknown');
    if (self.started !== '') expect(await nodeProcesses.judge({ ...self, started: '1' })).toBe('dead');
    expect(await nodeProcesses.judge({ ...self, pid: 2 ** 22 + 1 })).toBe('dead');
  });
});
