import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { describe, expect, it } from 'vitest';
import { DL, openRegistry, openTrial } from './trial.ts';

describe('init', () => {
  it('makes a registry that a client accepts', async () => {
    const trial = await openTrial();
    const made = await trial.done(
      'init',
      'registry',
      '--dl',
      DL,
      '--api',
      'https://api.example.org',
      '--unencrypted-keys',
      '--json',
    );
    const root = await readFile(trial.path('registry/public/metadata/1.root.json'));
    expect(made.json).toMatchObject({ fingerprint: encodeHex(sha256(root)), encrypted: false });
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({ ok: true, crates: 0 });
    const config = (await trial.files('registry/public/targets')).find(file => file.endsWith('config.json'));
    expect(JSON.parse(await readFile(trial.path(`registry/public/targets/${config}`), 'utf8'))).toEqual({
      dl: DL,
      api: 'https://api.example.org',
    });
  });

  it('makes keys that nobody else can read, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const trial = await openRegistry('--root-keys', '3', '--root-threshold', '2');
      const names = await trial.files('registry/keys');
      expect(names).toEqual([
        'claims-1.pem',
        'crates-1.pem',
        'root-1.pem',
        'root-2.pem',
        'root-3.pem',
        'snapshot-1.pem',
        'targets-1.pem',
        'timestamp-1.pem',
      ]);
      for (const name of names)
        expect((await stat(trial.path(`registry/keys/${name}`))).mode & 0o777).toBe(0o600);
      expect((await stat(trial.path('registry/keys'))).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  it('publishes files that a web server can read, whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      const trial = await openRegistry();
      for (const file of await trial.files('registry/public')) {
        expect((await stat(trial.path(`registry/public/${file}`))).mode & 0o777).toBe(0o644);
      }
    } finally {
      process.umask(before);
    }
  });

  it.each(['ed25519', 'ecdsa-sha2-nistp256'])('signs with %s', async scheme => {
    const trial = await openRegistry('--scheme', scheme);
    await trial.done('renew', 'registry');
    const root = await readFile(trial.path('registry/public/metadata/1.root.json'), 'utf8');
    expect(root).toContain(`"scheme":"${scheme}"`);
    await trial.done('verify', 'registry');
  });

  it('starts at an epoch', async () => {
    const trial = await openRegistry('--epoch', '3');
    expect((await trial.done('renew', 'registry', '--json')).json['treeVersion']).toBe(3 * 2 ** 40 + 1);
  });

  it.each([
    ['no passphrase', ['--dl', DL], 2, 'ADMIN_PASSPHRASE'],
    [
      'a threshold above the keys',
      ['--dl', DL, '--unencrypted-keys', '--root-threshold', '2'],
      2,
      'ADMIN_USAGE',
    ],
    ['no root keys', ['--dl', DL, '--unencrypted-keys', '--root-keys', '0'], 2, 'ADMIN_USAGE'],
    ['an unknown scheme', ['--dl', DL, '--unencrypted-keys', '--scheme', 'rsa'], 2, 'ADMIN_USAGE'],
    [
      'an epoch that has no versions',
      ['--dl', DL, '--unencrypted-keys', '--epoch', '8192'],
      2,
      'ADMIN_USAGE',
    ],
    ['a dl that cargo cannot fetch from', ['--dl', 'ftp://x/', '--unencrypted-keys'], 1, 'INDEX_TEMPLATE'],
    ['no dl', ['--unencrypted-keys'], 2, 'ADMIN_USAGE'],
  ])('refuses %s, and makes nothing', async (_, options, code, name) => {
    const trial = await openTrial();
    const outcome = await trial.run('init', 'registry', ...options);
    expect(outcome.stderr).toContain(`tuf-admin: code: ${name}\n`);
    expect(outcome.code).toBe(code);
    expect(await trial.files('.')).toEqual([]);
  });

  it('refuses a folder that is not empty', async () => {
    const trial = await openTrial();
    await mkdir(trial.path('registry'));
    await writeFile(trial.path('registry/mine'), '');
    const outcome = await trial.run('init', 'registry', '--dl', DL, '--unencrypted-keys');
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('ADMIN_NOT_EMPTY') });
  });
});

describe('passphrase', () => {
  it('encrypts every key, and opens them from a file or the environment', async () => {
    const trial = await openTrial();
    await writeFile(trial.path('passphrase'), 'correct horse\nsecond line is not used\n');
    await trial.done('init', 'registry', '--dl', DL, '--passphrase-file', 'passphrase');
    for (const name of await trial.files('registry/keys')) {
      expect(await readFile(trial.path(`registry/keys/${name}`), 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
    }
    await trial.done('renew', 'registry', '--passphrase-file', 'passphrase');
    expect(await trial.run('renew', 'registry')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SIGNER_PASSPHRASE_MISSING'),
    });
    trial.env = { CARGO_TUF_PASSPHRASE: 'correct horse' };
    await trial.done('renew', 'registry');
    trial.env = { CARGO_TUF_PASSPHRASE: 'wrong' };
    expect(await trial.run('renew', 'registry')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SIGNER_PASSPHRASE_WRONG'),
    });
  });

  it('refuses an empty passphrase file, and both a passphrase and unencrypted keys', async () => {
    const trial = await openTrial();
    await writeFile(trial.path('passphrase'), '\nsecret\n');
    const empty = await trial.run('init', 'registry', '--dl', DL, '--passphrase-file', 'passphrase');
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('ADMIN_PASSPHRASE') });
    trial.env = { CARGO_TUF_PASSPHRASE: 'x' };
    const both = await trial.run('init', 'registry', '--dl', DL, '--unencrypted-keys');
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('ADMIN_PASSPHRASE') });
  });
});
