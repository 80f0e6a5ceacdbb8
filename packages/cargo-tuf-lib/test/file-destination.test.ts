import { type FileHandle, mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openFileDestination } from '../src/file-destination.ts';

let folder: string;
let handles: FileHandle;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/destination-`);
  const some = await open('/dev/null');
  handles = Object.getPrototypeOf(some) as FileHandle;
  await some.close();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a file destination', () => {
  it('is not complete when its last write fails, after everything was given to it', async () => {
    const file = `${folder}/full/rust.tar`;
    const destination = openFileDestination(file);
    await destination.write(Buffer.from('abc'));
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const write = vi.spyOn(handles, 'writeFile').mockRejectedValueOnce(full);
    await destination.write(Buffer.from('def'));
    await expect(destination.complete()).rejects.toMatchObject({ code: 'LIB_FILE' });
    expect(write).toHaveBeenCalledTimes(1);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await destination.abandon({ keep: true });
    expect(await readFile(`${file}.part`, 'utf8')).toBe('abc');
  });

  it('tells of a write that failed at the next one', async () => {
    const destination = openFileDestination(`${folder}/next/rust.tar`);
    const broken = Object.assign(new Error('broken'), { code: 'EIO' });
    vi.spyOn(handles, 'writeFile').mockRejectedValueOnce(broken);
    await destination.write(Buffer.from('abc'));
    await expect(destination.write(Buffer.from('def'))).rejects.toMatchObject({ code: 'LIB_FILE' });
    await destination.abandon({ keep: false });
    expect(await readdir(`${folder}/next`)).toEqual([]);
  });

  it('keeps what is being written when it is abandoned', async () => {
    const file = `${folder}/kept/rust.tar`;
    const destination = openFileDestination(file);
    await destination.write(Buffer.from('abc'));
    await destination.abandon({ keep: true });
    expect(await readFile(`${file}.part`, 'utf8')).toBe('abc');
  });

  it.each([
    [undefined, 2],
    [true, 2],
    [false, 0],
  ])('waits for the disk unless it need not: durable %s', async (durable, times) => {
    const file = `${folder}/durable-${durable}/rust.tar`;
    const sync = vi.spyOn(handles, 'sync');
    const destination = openFileDestination(file, { ...(durable !== undefined && { durable }) });
    await destination.write(Buffer.from('abc'));
    await destination.complete();
    expect(await readFile(file, 'utf8')).toBe('abc');
    expect(sync).toHaveBeenCalledTimes(times);
  });
});
