import { type FolderStore, openFolderStore, type Processes } from '@cargo-tuf/folder-store';
import { describe, expect, it } from 'vitest';
import { type Loss, SimulatedFileSystem, Stopped } from './simulated-file-system.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const LOSSES: readonly Loss[] = ['before', 'after', 'unsynced', 'torn'];

// Each run is a process of its own; all earlier ones are dead.
let running = 1;
const processes: Processes = {
  self: async () => ({ pid: running, started: String(running), place: 'here' }),
  judge: async name => (name.pid === running ? 'alive' : 'dead'),
};

async function open(fileSystem: SimulatedFileSystem): Promise<FolderStore> {
  return openFolderStore('/store', { fileSystem, processes, lockTimes: { silenceMs: 5 } });
}

async function textsOf(store: FolderStore): Promise<Record<string, string>> {
  const { documents } = await store.read();
  return Object.fromEntries(
    [...documents].map(([name, content]) => [name, new TextDecoder().decode(content)]),
  );
}

/** Three states, each replaced by the next. */
const STATES = [
  {},
  { 'root.json': 'root 1', 'timestamp.json': 'time 1' },
  { 'root.json': 'root 1', 'timestamp.json': 'time 2', 'snapshot.json': 'snap 2' },
  { 'root.json': 'root 2', 'snapshot.json': 'snap 3' },
];
const CHANGES: readonly ReadonlyMap<string, Uint8Array | null>[] = [
  new Map([
    ['root.json', bytes('root 1')],
    ['timestamp.json', bytes('time 1')],
  ]),
  new Map([
    ['timestamp.json', bytes('time 2')],
    ['snapshot.json', bytes('snap 2')],
  ]),
  new Map([
    ['root.json', bytes('root 2')],
    ['timestamp.json', null],
    ['snapshot.json', bytes('snap 3')],
  ]),
];

async function run(fileSystem: SimulatedFileSystem): Promise<number> {
  running += 1;
  let acknowledged = 0;
  try {
    const store = await open(fileSystem);
    for (const changes of CHANGES.slice((await store.read()).revision)) {
      acknowledged = await store.replace((await store.read()).revision, changes);
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
  return acknowledged;
}

async function operationsOfARun(): Promise<number> {
  const fileSystem = new SimulatedFileSystem();
  expect(await run(fileSystem)).toBe(3);
  return fileSystem.operations.length;
}

describe('a stop at every operation', () => {
  it.each(LOSSES)('with the operation %s leaves one whole state, and the next run goes on', async loss => {
    const count = await operationsOfARun();
    expect(count).toBeGreaterThan(40);
    for (let operation = 1; operation <= count; operation += 1) {
      const fileSystem = new SimulatedFileSystem();
      fileSystem.stopAt(operation, loss);
      const acknowledged = await run(fileSystem);
      fileSystem.restart();

      const reports: string[] = [];
      const store = await openFolderStore('/store', {
        fileSystem,
        processes,
        onDamage: error => reports.push(error.message),
      });
      const { revision } = await store.read();
      expect(revision, `operation ${operation}`).toBeGreaterThanOrEqual(acknowledged);
      expect(revision).toBeLessThanOrEqual(acknowledged + 1);
      expect(await textsOf(store), `operation ${operation}`).toEqual(STATES[revision]);
      expect(reports).toEqual([]);

      expect(await run(fileSystem)).toBe(revision === 3 ? 0 : 3);
      expect(await textsOf(store)).toEqual(STATES[3]);
    }
  });

  it('keeps no document that no manifest names', async () => {
    const fileSystem = new SimulatedFileSystem();
    await run(fileSystem);
    const documents = [...fileSystem.files.keys()].filter(path => path.startsWith('/store/documents/'));
    expect(documents).toHaveLength(5);
    expect([...fileSystem.files.keys()].filter(path => path.startsWith('/store/temporary/'))).toEqual([]);
  });
});

describe('a disk that cannot be written', () => {
  it('is unavailable for changes, and still read', async () => {
    const fileSystem = new SimulatedFileSystem();
    await run(fileSystem);
    fileSystem.readOnly = true;
    running += 1;
    const store = await open(fileSystem);
    expect(await textsOf(store)).toEqual(STATES[3]);
    const change = store.replace(3, new Map([['root.json', bytes('root 3')]]));
    await expect(change).rejects.toMatchObject({ code: 'STORE_UNWRITABLE', kind: 'unavailable' });
    await store.keep('tile', '0'.repeat(64), bytes('x'));
    await store.settled();
    expect(await store.cached('tile', '0'.repeat(64))).toBeNull();
    expect(await textsOf(store)).toEqual(STATES[3]);
  });
});
