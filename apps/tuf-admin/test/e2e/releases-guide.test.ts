// docs/guides/sign-releases.md, followed to the letter: each line that begins a command is run, with hash and key ids filled in.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatManifest } from '@cargo-tuf/release-channel';
import { expect, it } from 'vitest';
import { HOST, manifestOf } from '../../../../tools/fixtures/releases.ts';
import { packSmallToolchain } from '../../../../tools/fixtures/toolchain-archives.ts';
import { openTrial, type Trial } from '../trial.ts';

const GUIDE = fileURLToPath(new URL('../../../../docs/guides/sign-releases.md', import.meta.url));

it('is what an operator can do', { timeout: 120_000 }, async () => {
  const trial = await openTrial();
  await writeFile(trial.path('passphrase'), 'correct horse\n');
  await build(trial);
  await trial.done('init', 'registry', '--dl', 'https://crates.example.org/crates', '--unencrypted-keys');
  let seen = 0;
  for (const line of commandsOf(await readFile(GUIDE, 'utf8'))) {
    const words = await Promise.all(
      line
        .split(' ')
        .slice(1)
        .map(word => filled(trial, word)),
    );
    await trial.done(...words);
    if (words[1] === 'init') await carryKeysOff(trial);
    seen += 1;
  }
  expect(seen).toBe(18);
  const { newest, roles } = (await trial.done('release', 'status', 'releases', '--json')).json as {
    newest: unknown;
    roles: { role: string; keys: string[] }[];
  };
  expect(newest).toEqual({
    stable: '2026-11-20',
    beta: '2026-11-20',
    nightly: '2026-11-20',
    rustup: '1.30.0',
    'crates-root': 1,
  });
  expect(roles.find(({ role }) => role === 'root')?.keys).toHaveLength(9);
  await trial.done('release', 'verify', 'releases');
});

async function build(trial: Trial): Promise<void> {
  await mkdir(trial.path('build'));
  for (const [channel, version] of [
    ['stable', '1.95.0'],
    ['beta', '1.96.0-beta.1'],
    ['nightly', '1.97.0'],
  ] as const) {
    const label = channel === 'stable' ? version : channel;
    const components = await packSmallToolchain({ folder: trial.path('build'), label, host: HOST }, version);
    const manifest = formatManifest(manifestOf({ date: '2026-11-20', version }, HOST, components));
    await writeFile(trial.path(`build/channel-rust-${channel}.toml`), manifest);
  }
  await writeFile(trial.path('build/rustup-init'), '#!/bin/sh\n');
}

/** To the custodians, whose folder is this one. */
async function carryKeysOff(trial: Trial): Promise<void> {
  for (const name of await readdir(trial.path('releases/keys')))
    if (/^(root|release|rustup)-/.test(name))
      await rename(trial.path(`releases/keys/${name}`), trial.path(name));
}

async function filled(trial: Trial, word: string): Promise<string> {
  if (word === 'HASH')
    return (await trial.done('release', 'sign', 'beta.draft', '--json')).json['hash'] as string;
  const number = /^KEY([12])$/.exec(word)?.[1];
  if (number === undefined) return word;
  const status = (await trial.done('release', 'status', 'releases', '--json')).json;
  const roles = status['roles'] as { role: string; keys: string[] }[];
  return roles.find(({ role }) => role === 'root')?.keys[Number(number) - 1] ?? '';
}

function commandsOf(guide: string): readonly string[] {
  return [...guide.matchAll(/```\n([^`]*)```/g)]
    .flatMap(([, block]) => (block ?? '').trim().split('\n'))
    .filter(line => line.startsWith('tuf-admin '));
}
