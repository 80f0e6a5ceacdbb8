// A mirror's operator compares a copy of the release server with what is signed.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { encodeHex, sha256 as sha256Of } from '@cargo-tuf/keys';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildReleaseServer } from '../../../../tools/fixtures/releases.ts';
import { Developer } from './developer.ts';

const MANIFEST = 'dist/channel-rust-stable.toml';
let folder: string;
let developer: Developer;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/releases-copy-`);
  const server = await buildReleaseServer(`${folder}/server`);
  await server.publishChannel({ channel: 'stable', date: '2026-11-20', version: '1.95.0' });
  developer = await Developer.create();
  await developer.trust(server.root, [`${pathToFileURL(server.folder).href}/`], 'rust-releases');
  await cp(server.folder, `${folder}/copy`, { recursive: true });
});
afterAll(async () => {
  await developer.remove();
  await rm(folder, { recursive: true, force: true });
});

it('is as signed, and says how many files there are', async () => {
  const ended = await developer.tuf(['verify', '--releases', '../copy'], `${folder}/server`);
  expect(ended.stdout).toMatch(/^[1-9][0-9]+ files of the releases are as signed\n$/);
  expect(ended.code).toBe(0);
});

it('that was changed is told, with every file', async () => {
  const signed = await readFile(`${folder}/copy/${MANIFEST}`, 'utf8');
  const [expected, sha256] = [signed, `${signed}\n`].map(text => encodeHex(sha256Of(Buffer.from(text))));
  await writeFile(`${folder}/copy/${MANIFEST}`, `${signed}\n`);
  await rm(`${folder}/copy/dist/channel-rust-1.95.0.toml`);
  const ended = await developer.tuf(['verify', '--releases', `${folder}/copy`, '--json']);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    problems: [
      { path: 'dist/channel-rust-1.95.0.toml', problem: 'missing' },
      { path: MANIFEST, problem: 'changed', sha256, expected },
    ],
  });
  expect(ended.stderr).toContain('dist/channel-rust-1.95.0.toml: missing, expected sha256 ');
  expect(ended.stderr).toContain(`; ${MANIFEST}: sha256 ${sha256}, expected ${expected}\n`);
  expect(ended.stderr).toContain('code: APP_RELEASES_DIFFER');
  expect(ended.code).toBe(4);
});
