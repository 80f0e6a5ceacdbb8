import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { openFolderSource, type Source } from '@cargo-tuf/http-transport';
import { collect, pattern } from './loopback.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
let source: Source;

beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/folder-source-`);
  await mkdir(`${folder}/mirror/metadata`, { recursive: true });
  await writeFile(`${folder}/mirror/metadata/1.root.json`, 'root');
  await writeFile(`${folder}/outside`, 'theirs');
  source = openFolderSource(`${folder}/mirror`);
});
afterEach(async () => rm(folder, { recursive: true }));

describe('openFolderSource', () => {
  it('reads up to the limit, and tells absence', async () => {
    expect(await source.fetch('metadata/1.root.json', { maxLength: 4 })).toEqual(
      new TextEncoder().encode('root'),
    );
    expect(await source.fetch('metadata/2.root.json', { maxLength: 4 })).toBeNull();
    expect(await source.fetch('metadata/1.root.json/x', { maxLength: 4 })).toBeNull();
    await expect(source.fetch('metadata/1.root.json', { maxLength: 3 })).rejects.toMatchObject({
      code: 'HTTP_TOO_LONG',
      kind: 'security',
    });
  });

  it('gives a large file in pieces, from any byte on', async () => {
    const file = pattern(600_000);
    await writeFile(`${folder}/mirror/large`, file);
    const received: number[] = [];
    const options = {
      maxLength: file.length,
      expectedLength: file.length,
      onProgress: (progress: { received: number }) => received.push(progress.received),
    };
    expect(await collect(source.download('large', options))).toEqual(file);
    expect(received).toEqual([262_144, 524_288, 600_000]);
    expect(await collect(source.download('large', { ...options, resume: 599_999 }))).toEqual(
      file.subarray(599_999),
    );
    expect(await collect(source.download('large', { ...options, resume: file.length }))).toHaveLength(0);
    for (const [change, code] of [
      [{ maxLength: 599_999 }, 'HTTP_TOO_LONG'],
      [{ expectedLength: 599_999 }, 'HTTP_WRONG_LENGTH'],
      [{ signal: AbortSignal.abort() }, 'HTTP_ABORTED'],
    ] as const) {
      await expect(collect(source.download('large', { ...options, ...change }))).rejects.toMatchObject({
        code,
      });
    }
    await expect(collect(source.download('absent', options))).rejects.toMatchObject({
      code: 'HTTP_NOT_FOUND',
    });
    await expect(collect(source.download('../outside', options))).rejects.toMatchObject({
      code: 'HTTP_ADDRESS',
    });
  });

  it('follows links within the folder and none that leads out', async () => {
    await symlink('1.root.json', `${folder}/mirror/metadata/2.root.json`);
    await symlink(`${folder}/outside`, `${folder}/mirror/metadata/3.root.json`);
    await symlink(folder, `${folder}/mirror/up`);
    await mkdir(`${folder}/mirror-of-others`);
    await writeFile(`${folder}/mirror-of-others/x`, 'theirs');
    await symlink(`${folder}/mirror-of-others/x`, `${folder}/mirror/x`);
    await symlink(`${folder}/mirror`, `${folder}/link`);
    expect(await source.fetch('metadata/2.root.json', { maxLength: 4 })).toHaveLength(4);
    expect(
      await openFolderSource(`${folder}/link`).fetch('metadata/1.root.json', { maxLength: 4 }),
    ).toHaveLength(4);
    for (const path of ['metadata/3.root.json', 'up/outside', 'x']) {
      await expect(source.fetch(path, { maxLength: 9 }), path).rejects.toMatchObject({
        code: 'HTTP_UNREADABLE',
      });
    }
  });

  it('is unavailable where there is no folder, and for what is no file', async () => {
    execFileSync('mkfifo', [`${folder}/mirror/pipe`]);
    for (const path of ['metadata', 'pipe']) {
      await expect(source.fetch(path, { maxLength: 9 }), path).rejects.toMatchObject({
        code: 'HTTP_UNREADABLE',
      });
    }
    await expect(openFolderSource(`${folder}/none`).fetch('x', { maxLength: 9 })).rejects.toMatchObject({
      code: 'HTTP_UNREADABLE',
      kind: 'unavailable',
    });
  });

  it.each([
    '../outside',
    '/etc/passwd',
    'a/../../outside',
    '',
    '.',
    'metadata//1.root.json',
    'a%2fb',
    'a\\b',
    'a\0b',
  ])('refuses the path %j', async path => {
    await expect(source.fetch(path, { maxLength: 9 })).rejects.toMatchObject({ code: 'HTTP_ADDRESS' });
  });
});
