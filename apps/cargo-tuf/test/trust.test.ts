// `cargo tuf trust` with limits, in this process.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fingerprintOf } from '@cargo-tuf/cargo-tuf-lib';
import { HonestRepository, SimulatedClock } from '@cargo-tuf/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openContext } from '../src/context.ts';
import { run } from '../src/run.ts';

const REGISTRY = 'sparse+https://crates.example/index/';
let folder: string;
let honest: HonestRepository;

beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/trust-`);
  honest = await HonestRepository.create({ clock: new SimulatedClock(Date.now()) });
  await writeFile(`${folder}/root.json`, honest.root);
});
afterEach(async () => rm(folder, { recursive: true }));

async function tuf(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
  const context = openContext({
    environment: { CARGO_HOME: `${folder}/cargo`, HOME: folder },
    workingFolder: folder,
    stdout: output('stdout'),
    stderr: output('stderr'),
    ask: undefined,
    clock: Date.now,
  });
  return { code: await run(args, context), ...written };
}

const add = (...args: readonly string[]) => {
  const anchor = ['--root', `${folder}/root.json`, '--mirror', 'https://mirror.example/'];
  return tuf('trust', 'add', REGISTRY, ...anchor, '--fingerprint', fingerprintOf(honest.root), ...args);
};

it('keeps and shows the limits of a registry', async () => {
  const limits = ['--limit', 'targets=60000000', '--limit', 'metadata.targets=300000'];
  const added = await add(...limits, '--allow', 'rsa-pkcs1v15-sha256');
  expect(added.code).toBe(0);
  expect(added.stderr).toContain('cargo-tuf: limit       targets=60000000\n');
  const rules = {
    limits: { targets: 60_000_000, 'metadata.targets': 300_000 },
    format: 'json',
    allow: ['rsa-pkcs1v15-sha256'],
  };
  expect(JSON.parse((await tuf('trust', 'list', '--json')).stdout)).toEqual([
    {
      registry: REGISTRY,
      kind: 'tuf',
      fingerprint: fingerprintOf(honest.root),
      mirrors: ['https://mirror.example/'],
      ...rules,
    },
  ]);
  const { stdout } = await tuf('trust', 'list');
  expect(stdout).toContain(
    '\n  limit       metadata.targets=300000\n  limit       targets=60000000\n  allow       rsa',
  );
  expect(JSON.parse((await tuf('status', '--json')).stdout).registries).toEqual([
    expect.objectContaining({ registry: REGISTRY, ...rules }),
  ]);
  expect((await add()).code).toBe(0);
  expect((await tuf('trust', 'list')).stdout).not.toContain('limit');
});

it.each([
  ['LIB_LIMIT', ['--limit', 'bytes=5']],
  ['LIB_LIMIT', ['--limit', 'targets=many']],
  ['LIB_LIMIT', ['--limit', 'targets=1', '--limit', 'targets=2']],
  ['LIB_ARGUMENT', ['--format', 'toml']],
  ['LIB_ARGUMENT', ['--allow', 'md5']],
  ['METADATA_FORMAT', ['--format', 'dsse']],
])('refuses with %s: %j', async (code, args) => {
  const { stderr, code: exitCode } = await add(...args);
  expect(stderr).toContain(`cargo-tuf: code: ${code}\n`);
  expect(stderr).toContain('cargo-tuf: hint: ');
  expect(exitCode).toBeGreaterThan(0);
  expect(JSON.parse((await tuf('trust', 'list', '--json')).stdout)).toEqual([]);
});

it('lists the names of limits in its help', async () => {
  const { stdout } = await tuf('trust', 'add', '--help');
  expect(stdout).toContain('  targets=5000000\n');
  expect(stdout).toContain('  metadata.targets=100000\n');
});
