import { execFileSync } from 'node:child_process';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { openSecret } from '@cargo-tuf/local-proxy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/secret-`);
  path = `${folder}/tuf/proxy-secret`;
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function modeOf(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o777).toString(8);
}

test('is made once: 32 random bytes in a file and a folder of this user alone', async () => {
  const secret = await openSecret(path);
  expect(secret).toHaveLength(32);
  expect(new Set(secret).size).toBeGreaterThan(8);
  expect(await openSecret(path)).toEqual(secret);
  expect(new Uint8Array(await readFile(path))).toEqual(secret);
  expect([await modeOf(path), await modeOf(`${folder}/tuf`)]).toEqual(['600', '700']);
  expect(await readdir(`${folder}/tuf`)).toEqual(['proxy-secret']);
  expect(await openSecret(`${folder}/other`)).not.toEqual(secret);
});

test('many who make it at once get the same', async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, () => openSecret(path)));
  for (const secret of secrets) expect(secret).toEqual(secrets[0]);
  expect(await readdir(`${folder}/tuf`)).toEqual(['proxy-secret']);
});

test.each([0o000, 0o022, 0o077])('whatever the umask: %i', async mask => {
  const before = process.umask(mask);
  try {
    await openSecret(path);
  } finally {
    process.umask(before);
  }
  expect([await modeOf(path), await modeOf(`${folder}/tuf`)]).toEqual(['600', '700']);
});

test('a umask that takes every right away', async () => {
  await mkdir(`${folder}/tuf`);
  const before = process.umask(0o777);
  try {
    await openSecret(path);
  } finally {
    process.umask(before);
  }
  expect(await modeOf(path)).toBe('600');
});

describe('refused', () => {
  const exposed = { code: 'PROXY_SECRET_EXPOSED', kind: 'security' };
  async function plant(bytes = 32, mode = 0o600): Promise<void> {
    await mkdir(`${folder}/tuf`);
    await writeFile(path, new Uint8Array(bytes).fill(1), { mode });
    await chmod(path, mode);
  }
  test.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666, 0o777])('mode %i', async mode => {
    await plant(32, mode);
    await expect(openSecret(path)).rejects.toMatchObject(exposed);
    expect((await readFile(path)).every(byte => byte === 1)).toBe(true);
  });
  test.each([0, 31, 33, 100_000])('%i bytes', async bytes => {
    await plant(bytes);
    await expect(openSecret(path)).rejects.toMatchObject(exposed);
  });
  test('a link, also one that leads to nothing', async () => {
    await plant();
    await symlink(path, `${folder}/link`);
    await symlink(`${folder}/nothing`, `${folder}/dangling`);
    await expect(openSecret(`${folder}/link`)).rejects.toMatchObject(exposed);
    await expect(openSecret(`${folder}/dangling`)).rejects.toMatchObject(exposed);
    expect(await readdir(folder)).not.toContain('nothing');
  });
  test('a folder', async () => {
    await mkdir(path, { recursive: true });
    await expect(openSecret(path)).rejects.toMatchObject(exposed);
  });
  test('a pipe, without waiting for it', async () => {
    await mkdir(`${folder}/tuf`);
    execFileSync('mkfifo', ['-m', '600', path]);
    await expect(openSecret(path)).rejects.toMatchObject(exposed);
  });
  test('a place where it cannot be made', async () => {
    await writeFile(`${folder}/file`, '');
    await expect(openSecret(`${folder}/file/secret`)).rejects.toMatchObject({ name: 'TufError' });
  });
});

test('another name of the same file is the same secret', async () => {
  const secret = await openSecret(path);
  await link(path, `${folder}/name`);
  expect(await openSecret(`${folder}/name`)).toEqual(secret);
});
