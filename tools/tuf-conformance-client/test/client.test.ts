// The protocol of the TUF conformance suite, spoken to our client over loopback.

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { forge, HonestRepository, SimulatedClock } from '@cargo-tuf/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runProgram } from '../../../apps/cargo-tuf/test/e2e/process.ts';
import { type Mirror, startMirror } from '../../fixtures/mirror-server.ts';

const CLIENT = fileURLToPath(new URL('../client', import.meta.url));

let honest: HonestRepository;
let mirror: Mirror;
let folder: string;

beforeEach(async () => {
  honest = await HonestRepository.create({ clock: new SimulatedClock(Date.now()) });
  mirror = await startMirror(path => honest.files.get(path) ?? null);
  folder = await mkdtemp(`${tmpdir()}/conformance-`);
  await writeFile(`${folder}/trusted-root.json`, honest.root);
});

afterEach(async () => {
  await mirror.close();
  await rm(folder, { recursive: true });
});

const client = (...args: string[]) => runProgram(CLIENT, ['--metadata-dir', `${folder}/metadata`, ...args]);
const online = (...args: string[]) => client('--metadata-url', `${mirror.url}metadata`, ...args);
const init = () => client('init', `${folder}/trusted-root.json`);

it('init keeps the root, and no other', async () => {
  expect((await init()).code).toBe(0);
  expect(await readdir(`${folder}/metadata`)).toEqual(['root.json']);
  await writeFile(`${folder}/trusted-root.json`, 'no root');
  expect((await init()).code).toBe(1);
});

it('refresh stores every role under its unversioned name', async () => {
  await init();
  await honest.renewRoot();
  const ended = await online('refresh');
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  expect((await readdir(`${folder}/metadata`)).sort()).toEqual([
    'claims.json',
    'crates.json',
    'root.json',
    'snapshot.json',
    'targets.json',
    'timestamp.json',
  ]);
  expect(JSON.parse(await readFile(`${folder}/metadata/root.json`, 'utf8')).signed.version).toBe(2);
});

it('refused metadata is never stored', async () => {
  await init();
  await online('refresh');
  const before = await readFile(`${folder}/metadata/timestamp.json`, 'utf8');
  const forged = await forge(honest.files.get('metadata/timestamp.json') as Uint8Array, { version: 99 }, []);
  honest.files.set('metadata/timestamp.json', forged);
  const ended = await online('refresh');
  expect(ended.stderr).toContain('METADATA_THRESHOLD');
  expect(ended.code).toBe(1);
  expect(await readFile(`${folder}/metadata/timestamp.json`, 'utf8')).toBe(before);
});

it('download verifies, keeps what is there already, and stops at the first failure', async () => {
  await init();
  const download = (...names: string[]) =>
    online(
      ...names.flatMap(name => ['--target-name', name]),
      '--target-base-url',
      `${mirror.url}targets/`,
      '--target-dir',
      `${folder}/targets`,
      'download',
    );
  expect((await download('config.json')).code).toBe(0);
  const first = await stat(`${folder}/targets/config.json`);
  expect(await readFile(`${folder}/targets/config.json`, 'utf8')).toContain('"dl"');
  mirror.requests.length = 0;
  expect((await download('config.json', 'absent', 'never')).code).toBe(1);
  expect((await stat(`${folder}/targets/config.json`)).mtimeMs).toBe(first.mtimeMs);
  expect(mirror.requests.filter(path => path.startsWith('targets/'))).toEqual([]);
  await rm(`${folder}/targets/config.json`);
  const path = [...honest.files.keys()].find(name => name.endsWith('.config.json')) as string;
  honest.files.set(path, new Uint8Array((honest.files.get(path) as Uint8Array).length));
  expect((await download('config.json')).code).toBe(1);
  expect(await readdir(`${folder}/targets`)).toEqual([]);
});
