import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type FileSystem, nodeFileSystem, openFolderStore } from '@cargo-tuf/folder-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let folder: string;
let reports: string[];

beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/folder-store-`);
  reports = [];
  const store = await openFolderStore(folder);
  await store.replace(0, new Map([['root.json', bytes('root 1')]]));
  await store.replace(
    1,
    new Map([
      ['root.json', bytes('root 2')],
      ['timestamp.json', bytes('time')],
    ]),
  );
});
afterEach(async () => rm(folder, { recursive: true }));

async function read(): Promise<{ revision: number; texts: Record<string, string> }> {
  reports = [];
  const store = await openFolderStore(folder, {
    onDamage: error => reports.push(error.message.split(':')[0] ?? ''),
  });
  const { revision, documents } = await store.read();
  const texts = [...documents].map(([name, content]) => [name, new TextDecoder().decode(content)]);
  return { revision, texts: Object.fromEntries(texts) };
}

const CURRENT = { revision: 2, texts: { 'root.json': 'root 2', 'timestamp.json': 'time' } };
const PREVIOUS = { revision: 1, texts: { 'root.json': 'root 1' } };

describe('state.json', () => {
  it('with any bit flipped or cut anywhere is never used; the manifest before is', async () => {
    const whole = await readFile(`${folder}/state.json`);
    for (let index = 0; index < whole.length; index += 1) {
      const flipped = Uint8Array.from(whole);
      flipped[index] = (flipped[index] ?? 0) ^ (1 << (index % 8));
      for (const damaged of [flipped, whole.subarray(0, index)]) {
        await writeFile(`${folder}/state.json`, damaged);
        expect(await read(), `byte ${index}`).toEqual(PREVIOUS);
        expect(reports).toEqual(['state.json']);
      }
    }
    await writeFile(`${folder}/state.json`, whole);
    expect(await read()).toEqual(CURRENT);
    expect(reports).toEqual([]);
  });

  it('that was removed is replaced by the manifest before', async () => {
    await rm(`${folder}/state.json`);
    expect(await read()).toEqual(PREVIOUS);
    expect(reports).toEqual(['state.json']);
  });

  it('gives no revision twice after damage', async () => {
    await writeFile(`${folder}/state.json`, '{');
    const store = await openFolderStore(folder);
    expect(await store.replace(1, new Map([['root.json', bytes('root 3')]]))).toBe(3);
    await expect(store.replace(2, new Map())).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(await read()).toEqual({ revision: 3, texts: { 'root.json': 'root 3' } });
  });

  it('damaged together with the one before starts empty, and says so', async () => {
    await writeFile(`${folder}/state.json`, '');
    await writeFile(`${folder}/state.previous.json`, '');
    expect(await read()).toEqual({ revision: 0, texts: {} });
    expect(reports).toEqual(['state.json', 'state.previous.json']);
  });
});

describe('a document', () => {
  it('that is torn, changed, longer or gone is left out, and the others stay', async () => {
    const names = await readdir(`${folder}/documents`);
    const contents = await Promise.all(names.map(name => readFile(`${folder}/documents/${name}`, 'utf8')));
    const path = `${folder}/documents/${names[contents.indexOf('time')]}`;
    for (const damaged of ['', 'tim', 'tine', 'time and more']) {
      await writeFile(path, damaged);
      expect(await read()).toEqual({ revision: 2, texts: { 'root.json': 'root 2' } });
      expect(reports).toEqual(['timestamp.json']);
    }
    await rm(path);
    expect(await read()).toEqual({ revision: 2, texts: { 'root.json': 'root 2' } });

    const store = await openFolderStore(folder);
    await store.replace(2, new Map([['timestamp.json', bytes('time')]]));
    expect(await read()).toEqual({ revision: 3, texts: CURRENT.texts });
    expect(reports).toEqual([]);
  });
});

describe('a state that is made while it is read', () => {
  it('is no damage', async () => {
    const made = await mkdtemp(`${tmpdir()}/folder-store-`);
    const writer = await openFolderStore(made);
    let first = true;
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      read: async (path, maxLength) => {
        const bytes = await nodeFileSystem.read(path, maxLength);
        if (!first) return bytes;
        // The reader is told that there is no state; before it looks further, two are made.
        first = false;
        for (const value of [1, 2]) {
          const { revision } = await writer.read();
          await writer.replace(revision, new Map([['count', new Uint8Array([value])]]));
        }
        return bytes;
      },
    };
    const damage: string[] = [];
    const reader = await openFolderStore(made, { fileSystem, onDamage: error => damage.push(error.message) });
    expect((await reader.read()).documents.get('count')).toEqual(new Uint8Array([2]));
    expect(damage).toEqual([]);
    await rm(made, { recursive: true });
  });
});
