import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { type FolderOptions, type FolderPart, hashFolder } from '@cargo-tuf/hash-workers';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const OLD = new Date('2020-01-01');
let root = '';

beforeEach(async () => {
  root = await mkdtemp(`${tmpdir()}/hash-folder-`);
  for (const path of [
    'se/rd/serde',
    'se/rd/serde_json',
    'se/er/seer',
    '1/a',
    '.git/HEAD',
    'se/.hidden',
    'config.json',
  ]) {
    await mkdir(dirname(`${root}/${path}`), { recursive: true });
    await writeFile(`${root}/${path}`, path);
    await utimes(`${root}/${path}`, OLD, OLD);
  }
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true });
});

async function partsOf(options: Partial<FolderOptions> = {}): Promise<Map<string, FolderPart>> {
  const parts = new Map<string, FolderPart>();
  await hashFolder(root, { limit: 100, ...options }, part => void parts.set(part.below, part));
  return parts;
}

/** Seals count for files that have not changed lately. */
async function sealedParts(options: Partial<FolderOptions> = {}): Promise<Map<string, FolderPart>> {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
  const parts = await partsOf({ workers: 0, sealOf: () => undefined, ...options });
  vi.restoreAllMocks();
  return parts;
}

describe.each([0, 2])('hashFolder with %i workers', workers => {
  it('gives every file once, in parts', async () => {
    const parts = await partsOf({ workers });
    expect([...parts.keys()].sort()).toEqual(['', '1', 'se']);
    expect(parts.get('')?.paths).toEqual(['config.json']);
    expect(parts.get('se')?.paths).toEqual(['se/er/seer', 'se/rd/serde', 'se/rd/serde_json']);
    for (const { paths, hashes, unread, isUnchanged } of parts.values()) {
      const expected = paths.map(path => encodeHex(sha256(new TextEncoder().encode(path)))).join('');
      expect(encodeHex(hashes)).toBe(expected);
      expect({ unread, isUnchanged }).toEqual({ unread: [], isUnchanged: false });
    }
  });

  it('says what is not read, and why', async () => {
    await truncate(`${root}/1/a`, 101);
    await symlink(`${root}/nothing`, `${root}/1/gone`);
    await symlink(`${root}/se`, `${root}/1/link`);
    await writeFile(`${root}/1/full`, 'x'.repeat(100));
    const part = (await partsOf({ workers })).get('1');
    expect(part?.unread).toEqual([
      { path: '1/a', reason: '101 bytes, expected at most 100' },
      { path: '1/gone', reason: 'cannot be read (ENOENT)' },
      { path: '1/link', reason: 'is not a file' },
    ]);
    const full = encodeHex(sha256(new TextEncoder().encode('x'.repeat(100))));
    expect(encodeHex(part?.hashes.subarray(32, 64) ?? new Uint8Array(0))).toBe(full);
  });

  it('ends with what is thrown for a part, and for no folder', async () => {
    const accept = () => {
      throw new Error('enough');
    };
    await expect(hashFolder(root, { limit: 100, workers }, accept)).rejects.toThrow('enough');
    await expect(hashFolder(`${root}/none`, { limit: 1, workers }, accept)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('does not read a part that still has its seal', async () => {
    const sealed = await sealedParts();
    const again = await partsOf({ workers, sealOf: below => sealed.get(below)?.seal });
    for (const [below, part] of again) {
      expect(part).toMatchObject({ isUnchanged: true, paths: sealed.get(below)?.paths });
      expect(part.hashes).toHaveLength(0);
    }
  });
});

describe('a seal', () => {
  it('is none for files that have changed within two seconds', async () => {
    const changed = await partsOf({ workers: 0, sealOf: () => undefined });
    expect(changed.get('se')?.seal).toBeUndefined();
    expect((await sealedParts()).get('se')?.seal).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is none where a file is unread, and where nobody asks for one', async () => {
    expect((await sealedParts({ sealOf: undefined })).get('se')?.seal).toBeUndefined();
    await truncate(`${root}/se/rd/serde`, 101);
    expect((await sealedParts()).get('se')?.seal).toBeUndefined();
    expect((await sealedParts()).get('1')?.seal).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, () => Promise<void>]>([
    ['more bytes', () => writeFile(`${root}/se/rd/serde`, 'longer than it was')],
    [
      'other bytes under the old time',
      async () => {
        await writeFile(`${root}/se/rd/serde`, 'SE/RD/SERDE');
        await utimes(`${root}/se/rd/serde`, OLD, OLD);
      },
    ],
    ['another mode', () => chmod(`${root}/se/rd/serde`, 0o600)],
    ['another name', () => rename(`${root}/se/rd/serde`, `${root}/se/rd/serdf`)],
    ['a file less', () => rm(`${root}/se/rd/serde`)],
    ['a file more', () => writeFile(`${root}/se/rd/more`, '')],
  ])('is another after %s', async (_, change) => {
    const before = (await sealedParts()).get('se')?.seal;
    await change();
    const part = (await sealedParts({ sealOf: () => before })).get('se');
    expect(part?.isUnchanged).toBe(false);
    expect(part?.seal).not.toBe(before);
  });
});

it('works in threads once it was built', async ctx => {
  const file = new URL('../dist/hash-worker.js', import.meta.url);
  ctx.skip(!existsSync(file), 'dist/hash-worker.js was not built');
  const ports = () => process.getActiveResourcesInfo().filter(each => each === 'MessagePort').length;
  const before = ports();
  const seen: number[] = [];
  await hashFolder(root, { limit: 100, workers: 2 }, () => void seen.push(ports() - before));
  expect(Math.max(...seen)).toBeGreaterThanOrEqual(1);
  seen.length = 0;
  await hashFolder(root, { limit: 100, workers: 0 }, () => void seen.push(ports() - before));
  expect(Math.max(...seen)).toBeLessThanOrEqual(0);
});
