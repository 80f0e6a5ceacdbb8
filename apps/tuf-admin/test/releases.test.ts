import { appendFile, cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { formatManifest } from '@cargo-tuf/release-channel';
import { DEFAULT_RELEASES_POLICY, readReleases } from '@cargo-tuf/repository';
import { beforeEach, describe, expect, it } from 'vitest';
import { openFolderBytes } from '../../../tools/fixtures/releases.ts';
import { formatReleasesPolicy, parseReleasesPolicy } from '../src/releases/policy-file.ts';
import { openTrial, type Outcome, type Trial } from './trial.ts';

let trial: Trial;

beforeEach(async () => {
  trial = await openTrial();
});

const release = (...argv: readonly string[]): Promise<Outcome> => trial.done('release', ...argv);
const codeOf = ({ code, stderr }: Outcome): string => `${code} ${/code: (\w+)/.exec(stderr)?.[1]}`;
const refused = async (...argv: readonly string[]): Promise<string> =>
  codeOf(await trial.run('release', ...argv));

async function writeManifest(name: string, date: string, version = '1.95.0'): Promise<void> {
  const unbuilt = { available: false, archives: [], components: [], extensions: [] };
  const targets = new Map([['x86_64-unknown-linux-gnu', unbuilt]]);
  const manifest = formatManifest({
    date,
    packages: new Map([['rust', { version: `${version} (000000000 ${date})`, targets }]]),
    renames: new Map(),
    profiles: new Map(),
  });
  await writeFile(trial.path(name), manifest);
}

/** A repository without its offline keys, which are in `custodians`. */
async function openReleases(): Promise<void> {
  await release('init', 'releases', '--unencrypted-keys');
  await mkdir(trial.path('custodians'));
  for (const name of await readdir(trial.path('releases/keys')))
    if (/^(root|release|rustup)/.test(name))
      await rename(trial.path(`releases/keys/${name}`), trial.path(`custodians/${name}`));
}

describe('policy.toml of releases', () => {
  it('is read as it is written, with no threshold for targets and crates-root', () => {
    const text = formatReleasesPolicy(DEFAULT_RELEASES_POLICY);
    expect(parseReleasesPolicy(text)).toEqual(DEFAULT_RELEASES_POLICY);
    expect(() => parseReleasesPolicy(text.replace('[targets]\n', '[targets]\nthreshold = 5\n'))).toThrow(
      'policy.toml: [targets]: unknown member threshold',
    );
    expect(() => parseReleasesPolicy(`${text}\n[claims]\nthreshold = 1\n`)).toThrow(
      'policy.toml: [claims]: not a role',
    );
  });
});

describe('release init', () => {
  it('begins with custodians whose private keys are given, or not at all', async () => {
    for (const name of ['alice', 'bob', 'carol']) await release('key', `${name}.pem`, '--unencrypted-keys');
    const publicKeys = ['alice', 'bob', 'carol'].flatMap(name => ['--root-key', `${name}.pub`]);
    const init = ['init', 'releases', ...publicKeys, '--root-threshold', '2', '--unencrypted-keys'];
    expect(await refused(...init, '--key', 'alice.pem')).toBe('2 ADMIN_USAGE');
    expect(await readdir(trial.folder)).not.toContain('releases');
    await release(...init, '--key', 'alice.pem', '--key', 'carol.pem');
    const { root } = await readReleases(openFolderBytes(trial.path('releases/public')));
    expect(root.value.roles.get('root')).toMatchObject({ threshold: 2 });
    expect(root.signers).toHaveLength(2);
    expect((await readdir(trial.path('releases/keys'))).filter(name => name.startsWith('root'))).toEqual([]);
  });

  it('encrypts keys unless it is told not to', async () => {
    expect(await refused('init', 'releases')).toBe('2 ADMIN_PASSPHRASE');
    trial.env = { CARGO_TUF_PASSPHRASE: 'secret' };
    await release('init', 'releases', '--root-keys', '1', '--root-threshold', '1');
    expect(await readFile(trial.path('releases/keys/root-1.pem'), 'utf8')).toContain('ENCRYPTED');
    await release('renew', 'releases');
    trial.env = {};
    expect(await refused('renew', 'releases')).toMatch(/^\d SIGNER_PASSPHRASE_MISSING$/);
  });
});

describe('commands of a registry and of releases', () => {
  it('refuse the folder of the other', async () => {
    await release('init', 'releases', '--unencrypted-keys');
    await trial.done('init', 'registry', '--dl', 'https://crates.example.org/crates', '--unencrypted-keys');
    expect(await refused('status', 'registry')).toBe('4 REPOSITORY_DAMAGED');
    expect(codeOf(await trial.run('root', 'releases'))).toBe('4 REPOSITORY_DAMAGED');
    expect(await refused('renew', 'registry')).toBe('1 ADMIN_POLICY');
  });
});

describe('a release that is signed in several places', () => {
  const sign = async (draft: string, role: string, number: number): Promise<void> => {
    const { hash } = (await release('sign', draft, '--json')).json;
    await release('sign', draft, '--key', `custodians/${role}-${number}.pem`, '--hash', hash as string);
  };

  it('is drafted, shown, signed, and published by who has the online keys', async () => {
    await openReleases();
    await writeManifest('channel-rust-stable.toml', '2026-11-20');
    const made = await release(
      'channel',
      'releases',
      'channel-rust-stable.toml',
      '--draft',
      'stable.draft',
      '--json',
    );
    expect(made.json).toMatchObject({ roles: [{ role: 'release', signed: 0, threshold: 3 }] });
    expect(await refused('channel', 'releases', 'channel-rust-stable.toml', '--draft', 'stable.draft')).toBe(
      '3 ADMIN_FILE',
    );
    const shown = (await release('sign', 'stable.draft', '--published', 'releases')).stdout;
    expect(shown).toContain('release version 2, expires 2027-02-16T12:00:00Z');
    expect(shown).toMatch(/ {2}adds dist\/channel-rust-1\.95\.0\.toml {2}\d+ bytes {2}sha256 [0-9a-f]{64}/);
    expect(shown).toContain('signed by 0 of 5 keys, needs 3');
    expect(await refused('sign', 'stable.draft', '--key', 'custodians/release-1.pem')).toBe('2 ADMIN_USAGE');
    expect(
      await refused(
        'sign',
        'stable.draft',
        '--key',
        'custodians/rustup-1.pem',
        '--hash',
        made.json['hash'] as string,
      ),
    ).toBe('2 REPOSITORY_KEYS');
    await sign('stable.draft', 'release', 1);
    await sign('stable.draft', 'release', 2);
    expect(await refused('publish', 'releases', 'stable.draft')).toBe('2 REPOSITORY_KEYS');
    await sign('stable.draft', 'release', 5);
    await writeManifest('channel-rust-nightly.toml', '2026-11-21');
    await release('channel', 'releases', 'channel-rust-nightly.toml');
    trial.now += 3_600_000;
    await release('publish', 'releases', 'stable.draft');
    const copy = await readFile(trial.path('releases/public/dist/2026-11-20/channel-rust-stable.toml'));
    expect(copy).toEqual(await readFile(trial.path('channel-rust-stable.toml')));
    expect(await refused('publish', 'releases', 'stable.draft')).toBe('3 REPOSITORY_DRAFT');
    expect((await release('verify', 'releases', '--json')).json).toMatchObject({ ok: true });
  });

  it('is put together from copies; a damaged one is refused', async () => {
    await openReleases();
    await writeManifest('channel-rust-beta.toml', '2026-11-20', '1.96.0-beta.2');
    await release('channel', 'releases', 'channel-rust-beta.toml', '--draft', 'a.draft');
    for (const name of ['b.draft', 'c.draft'])
      await writeFile(trial.path(name), await readFile(trial.path('a.draft')));
    await sign('a.draft', 'release', 1);
    await sign('b.draft', 'release', 2);
    await sign('c.draft', 'release', 3);
    await release('publish', 'releases', 'a.draft', 'b.draft', 'c.draft');
    expect(await readdir(trial.path('releases/public/dist'))).toContain('channel-rust-1.96.0-beta.2.toml');
    await appendFile(trial.path('b.draft'), '}');
    expect(await refused('sign', 'b.draft')).toMatch(/^1 JSON_/);
    await writeFile(trial.path('b.draft'), '{"format":"another"}');
    expect(await refused('sign', 'b.draft')).toBe('1 ADMIN_DRAFT');
  });

  it('and so is a rotation of root to the keys of custodians', async () => {
    await openReleases();
    for (const name of ['alice', 'bob'])
      await release('key', `custodians/${name}-1.pem`, '--unencrypted-keys');
    const status = (await release('status', 'releases', '--json')).json as {
      roles: { role: string; keys: string[] }[];
    };
    const [first, second] = status.roles.find(({ role }) => role === 'root')?.keys ?? [];
    const removed = ['--remove', first as string, '--remove', second as string];
    const added = ['--add', 'custodians/alice-1.pub', '--add', 'custodians/bob-1.pub'];
    const made = await release(
      'rotate',
      'releases',
      'root',
      ...removed,
      ...added,
      '--draft',
      'root.draft',
      '--json',
    );
    expect(made.json).toMatchObject({
      roles: [
        { role: 'root', signed: 0, threshold: 5 },
        { role: 'root', signed: 0, threshold: 5 },
        { role: 'targets' },
        { role: 'targets' },
        { role: 'crates-root', threshold: 5 },
      ],
    });
    const shown = (await release('sign', 'root.draft', '--published', 'releases')).stdout;
    expect(shown).toContain(`    without key ${first}`);
    expect(shown).toContain('  timestamp: 1 of 1 keys, as before');
    for (const number of [1, 2, 3, 4]) await sign('root.draft', 'root', number);
    await sign('root.draft', 'alice', 1);
    expect(await refused('publish', 'releases', 'root.draft')).toBe('2 REPOSITORY_KEYS');
    for (const number of [7, 8]) await sign('root.draft', 'root', number);
    await release('publish', 'releases', 'root.draft');
    const { root, delegated } = await readReleases(openFolderBytes(trial.path('releases/public')));
    expect(root.value.version).toBe(2);
    expect(delegated.get('crates-root')?.value.version).toBe(2);
    expect((await release('verify', 'releases', '--json')).json).toMatchObject({ ok: true });
  });
});

describe('what else the root quorum signs', () => {
  it('is drafted as well: roots of a registry, renewals, and a rustup', async () => {
    await openReleases();
    await trial.done('init', 'registry', '--dl', 'https://crates.example.org/crates', '--unencrypted-keys');
    await writeFile(trial.path('rustup-init'), 'rustup');
    const installer = ['--installer', 'x86_64-unknown-linux-gnu=rustup-init'];
    const drafts = [
      ['root', 5, 'crates-root', 'releases', '--registry', 'registry'],
      ['root', 5, 'renew', 'releases', '--role', 'root', '--role', 'targets'],
      ['rustup', 3, 'rustup', 'releases', '1.30.0', ...installer],
    ] as const;
    for (const [role, threshold, command, ...words] of drafts) {
      const draft = `${command}.draft`;
      const { hash } = (await release(command, ...words, '--draft', draft, '--json')).json;
      expect(await refused('publish', 'releases', draft)).toBe('2 REPOSITORY_KEYS');
      for (let number = 1; number <= threshold; number++)
        await release('sign', draft, '--key', `custodians/${role}-${number}.pem`, '--hash', hash as string);
      await release('publish', 'releases', draft);
    }
    const { newest, rootVersion } = (await release('status', 'releases', '--json')).json;
    expect([newest, rootVersion]).toEqual([
      expect.objectContaining({ rustup: '1.30.0', 'crates-root': 1 }),
      2,
    ]);
    expect((await release('verify', 'releases', '--json')).json).toMatchObject({ ok: true });
  });
});

describe('a rotation that is refused', () => {
  it('leaves no keys behind, and new keys have numbers that none had before', async () => {
    await openReleases();
    const keys = (numbers: readonly number[]) =>
      numbers.flatMap(each => ['--key', `custodians/root-${each}.pem`]);
    expect(await refused('rotate', 'releases', 'root', '--unencrypted-keys', ...keys([1, 2, 3, 4]))).toBe(
      '2 REPOSITORY_KEYS',
    );
    expect((await readdir(trial.path('releases/keys'))).filter(name => name.startsWith('root'))).toEqual([]);
    const done = await release(
      'rotate',
      'releases',
      'root',
      '--unencrypted-keys',
      '--json',
      ...keys([1, 2, 3, 4, 5]),
    );
    expect((done.json['made'] as string[])[0]).toBe(trial.path('releases/keys/root-201.pem'));
    expect(await refused('rotate', 'releases', 'targets')).toBe('2 ADMIN_USAGE');
    expect(await refused('rotate', 'releases', 'root', '--remove', 'abc')).toBe('2 ADMIN_USAGE');
  });
});

describe('release channel', () => {
  it('takes the channel from the name of the file, or from --channel', async () => {
    await openReleases();
    await writeManifest('manifest.toml', '2026-11-20');
    expect(await refused('channel', 'releases', 'manifest.toml')).toBe('2 ADMIN_USAGE');
    expect(await refused('channel', 'releases', 'manifest.toml', '--channel', '1.95.0')).toBe(
      '2 ADMIN_USAGE',
    );
    const done = await release('channel', 'releases', 'manifest.toml', '--channel', 'nightly', '--json');
    expect(done.json).toMatchObject({
      paths: ['dist/channel-rust-nightly.toml', 'dist/2026-11-20/channel-rust-nightly.toml'],
    });
  });
});

describe('a folder from a backup', () => {
  it('publishes nothing that takes a version back', async () => {
    await openReleases();
    await writeManifest('channel-rust-nightly.toml', '2026-11-20');
    await release('channel', 'releases', 'channel-rust-nightly.toml');
    await cp(trial.path('releases/public'), trial.path('backup'), { recursive: true });
    await writeManifest('channel-rust-nightly.toml', '2026-11-21');
    await release('channel', 'releases', 'channel-rust-nightly.toml');
    await release('renew', 'releases');
    await rename(trial.path('releases/public'), trial.path('newest'));
    await rename(trial.path('backup'), trial.path('releases/public'));
    trial.now += 1000;
    expect(await refused('renew', 'releases')).toBe('4 ADMIN_CLIENT_REFUSES');
    await rename(trial.path('releases/public'), trial.path('backup'));
    await rename(trial.path('newest'), trial.path('releases/public'));
    await release('renew', 'releases');
  });
});
