import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { openFolderStore } from '@cargo-tuf/folder-store';
import type { PrunableBytes } from '@cargo-tuf/repository';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { syncAll } from '../src/bulk-write.ts';
import { linkAll } from '../src/link-files.ts';
import { clearTemporary, isPublishedPath, openPublishedFolder } from '../src/published-folder.ts';
import { openTrial, type Trial } from './trial.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function open(trial: Trial): Promise<PrunableBytes> {
  const store = await openFolderStore(trial.path('state'));
  return openPublishedFolder({
    folder: trial.path('public'),
    temporary: trial.path('temporary'),
    exclusive: work => store.exclusive(() => work()),
  });
}

describe('published folder', () => {
  it('puts a file once', async () => {
    const trial = await openTrial();
    const folder = await open(trial);
    expect(await folder.get('metadata/1.root.json')).toBeNull();
    expect(await folder.putIfAbsent('metadata/1.root.json', bytes('one'))).toBe('done');
    expect(await folder.putIfAbsent('metadata/1.root.json', bytes('one'))).toBe('same');
    expect(await folder.putIfAbsent('metadata/1.root.json', bytes('two'))).toBe('conflict');
    expect((await folder.get('metadata/1.root.json'))?.bytes).toEqual(bytes('one'));
    expect(await readdir(trial.path('temporary'))).toEqual([]);
  });

  it.each([3, 300])('puts %i files at once, each once', async count => {
    const trial = await openTrial();
    const folder = await open(trial);
    await folder.putIfAbsent('map/00/same', bytes('0'));
    await folder.putIfAbsent('map/01/taken', bytes('mine'));
    const files = Array.from({ length: count }, (_, index) => ({
      path: `targets/${index % 7}/${index}`,
      bytes: bytes(`file ${index}`),
    }));
    const more = [
      { path: 'map/00/same', bytes: bytes('0') },
      { path: 'map/01/taken', bytes: bytes('1') },
    ];
    const results = await folder.putManyIfAbsent?.([...files, ...more]);
    expect(results).toEqual([...files.map(() => 'done'), 'same', 'conflict']);
    for (const { path, bytes: content } of files) expect((await folder.get(path))?.bytes).toEqual(content);
    expect((await folder.get('map/01/taken'))?.bytes).toEqual(bytes('mine'));
    expect(await folder.putManyIfAbsent?.(files)).toEqual(files.map(() => 'same'));
    expect(await readdir(trial.path('temporary'))).toEqual([]);
  });

  it('puts no file of many through a link', async () => {
    const trial = await openTrial();
    await mkdir(trial.path('elsewhere'));
    await mkdir(trial.path('public/map'), { recursive: true });
    await writeFile(trial.path('outside'), 'mine');
    await symlink('../elsewhere', trial.path('public/targets'));
    await symlink('../../outside', trial.path('public/map/20'));
    const folder = await open(trial);
    for (const base of ['targets/a', 'map']) {
      const files = Array.from({ length: 40 }, (_, index) => ({
        path: `${base}/${index}`,
        bytes: bytes('x'),
      }));
      await expect(folder.putManyIfAbsent?.(files)).rejects.toMatchObject({ code: 'ADMIN_LINK' });
    }
    expect(await trial.files('elsewhere')).toEqual([]);
    expect(await readdir(trial.path('temporary'))).toEqual([]);
  });

  it('makes files durable one by one where no program syncs the file system', async () => {
    const trial = await openTrial();
    await mkdir(trial.path('public'));
    const files = Array.from({ length: 20 }, (_, index) => ({
      file: trial.path(`public/${index}`),
      bytes: bytes(`${index}`),
    }));
    expect(linkAll(files, trial.path('one.temporary'))).toEqual(files.map(() => true));
    const paths = files.map(({ file }) => file);
    const path = process.env['PATH'];
    process.env['PATH'] = '';
    try {
      await syncAll(paths, trial.path('public'));
    } finally {
      process.env['PATH'] = path;
    }
    await rm(files[3]?.file as string);
    process.env['PATH'] = '';
    // It does go to each of them.
    await expect(
      syncAll(paths, trial.path('public')).finally(() => (process.env['PATH'] = path)),
    ).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('lets one of many writers of a file win', async () => {
    const trial = await openTrial();
    const folders = await Promise.all(Array.from({ length: 8 }, () => open(trial)));
    const puts = await Promise.all(
      folders.map((folder, index) => folder.putIfAbsent('a/b', bytes(`${index}`))),
    );
    expect(puts.filter(result => result === 'done')).toHaveLength(1);
    expect(puts.filter(result => result === 'conflict')).toHaveLength(7);
    const tag = (await folders[0]?.get('a/b'))?.tag ?? null;
    const swaps = await Promise.all(
      folders.map((folder, index) => folder.compareAndSwap('a/b', bytes(`next ${index}`), tag)),
    );
    expect(swaps.filter(result => result === 'done')).toHaveLength(1);
  });

  it('swaps what it was told to, and nothing else', async () => {
    const trial = await openTrial();
    const folder = await open(trial);
    expect(await folder.compareAndSwap('t', bytes('one'), '0'.repeat(64))).toBe('conflict');
    expect(await folder.compareAndSwap('t', bytes('one'), null)).toBe('done');
    expect(await folder.compareAndSwap('t', bytes('two'), null)).toBe('conflict');
    const tag = (await folder.get('t'))?.tag ?? null;
    expect(await folder.compareAndSwap('t', bytes('two'), tag)).toBe('done');
    expect(await folder.compareAndSwap('t', bytes('three'), tag)).toBe('conflict');
  });

  it('follows no link, neither to a file nor to a folder', async () => {
    const trial = await openTrial();
    await writeFile(trial.path('outside'), 'mine');
    await mkdir(trial.path('elsewhere'));
    await mkdir(trial.path('public/metadata'), { recursive: true });
    await symlink('../../outside', trial.path('public/metadata/targets.json'));
    await symlink('../elsewhere', trial.path('public/crates'));
    const folder = await open(trial);
    const refusal = { code: 'ADMIN_LINK' };
    await expect(folder.get('metadata/targets.json')).rejects.toMatchObject(refusal);
    await expect(folder.putIfAbsent('metadata/targets.json', bytes('x'))).rejects.toMatchObject(refusal);
    await expect(folder.compareAndSwap('metadata/targets.json', bytes('x'), null)).rejects.toMatchObject(
      refusal,
    );
    await expect(folder.putIfAbsent('crates/a/a-1.0.0.crate', bytes('x'))).rejects.toMatchObject(refusal);
    expect(await trial.files('elsewhere')).toEqual([]);
  });

  it('lists and removes files, and nothing else', async () => {
    const trial = await openTrial();
    const folder = await open(trial);
    expect(await folder.list('metadata')).toEqual([]);
    expect(await folder.size('metadata/1.bundle')).toBeNull();
    for (const name of ['1.bundle', '2.bundle']) await folder.putIfAbsent(`metadata/${name}`, bytes(name));
    await folder.putIfAbsent('metadata/below/3.bundle', bytes('x'));
    expect((await folder.list('metadata')).toSorted()).toEqual(['1.bundle', '2.bundle']);
    expect(await folder.size('metadata/1.bundle')).toBe(8);
    await folder.remove('metadata/1.bundle');
    await folder.remove('metadata/1.bundle');
    await folder.remove('metadata/below');
    await folder.sync();
    expect(await folder.list('metadata')).toEqual(['2.bundle']);
    expect(await folder.size('metadata/below')).toBeNull();
    expect(await trial.files('public')).toEqual(['metadata/2.bundle', 'metadata/below/3.bundle']);
  });

  it('removes no link, and nothing through one', async () => {
    const trial = await openTrial();
    await mkdir(trial.path('elsewhere'));
    await writeFile(trial.path('elsewhere/1.bundle'), 'mine');
    await mkdir(trial.path('public/metadata'), { recursive: true });
    await symlink('../../elsewhere/1.bundle', trial.path('public/metadata/1.bundle'));
    await symlink('../elsewhere', trial.path('public/map'));
    const folder = await open(trial);
    for (const path of ['metadata/1.bundle', 'map/1.bundle']) {
      await expect(folder.remove(path), path).rejects.toMatchObject({ code: 'ADMIN_LINK' });
      await expect(folder.size(path), path).rejects.toMatchObject({ code: 'ADMIN_LINK' });
    }
    await expect(folder.list('map')).rejects.toMatchObject({ code: 'ADMIN_LINK' });
    for (const path of ['../elsewhere/1.bundle', '/etc/passwd', ''])
      await expect(folder.remove(path), path).rejects.toMatchObject({ code: 'ADMIN_USAGE' });
    expect(await trial.files('elsewhere')).toEqual(['1.bundle']);
  });

  it('removes what a publisher that was cut off left behind', async () => {
    const trial = await openTrial();
    await mkdir(trial.path('temporary'));
    await writeFile(trial.path('temporary/0123.temporary'), 'half');
    await clearTemporary(trial.path('temporary'));
    expect(await readdir(trial.path('temporary'))).toEqual([]);
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/../b',
    '/etc/passwd',
    'a//b',
    'a/',
    'a\\b',
    'a%2fb',
    'a\0b',
    '.git/config',
    'ö',
    `${'a/'.repeat(600)}a`,
  ])('takes no path like %j', async path => {
    const folder = await open(await openTrial());
    await expect(folder.get(path)).rejects.toMatchObject({ code: 'ADMIN_USAGE' });
    await expect(folder.putIfAbsent(path, bytes('x'))).rejects.toMatchObject({ code: 'ADMIN_USAGE' });
  });

  it('has no path that leads out of its folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', 'a', '%', '\\', '2', 'e', '+') }), path => {
        if (isPublishedPath(path)) expect(new URL(`file:///base/${path}`).pathname).toBe(`/base/${path}`);
      }),
    );
  });
});
