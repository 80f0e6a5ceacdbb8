import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { HOUR, openRegistry } from './trial.ts';

describe('yank', () => {
  it('changes one value of one line, and back', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    await trial.crate('crates', 'itoa', '1.1.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    const [before] = await trial.files('registry/public/targets/it/oa');
    const text = await readFile(trial.path(`registry/public/targets/it/oa/${before}`), 'utf8');
    const yanked = await trial.done('yank', 'registry', 'itoa@1.0.0', '--json');
    expect(yanked.json).toMatchObject({
      crate: 'itoa',
      version: '1.0.0',
      yanked: true,
      changed: true,
      treeVersion: 3,
    });
    const after = (await trial.files('registry/public/targets/it/oa')).find(file => file !== before);
    expect(await readFile(trial.path(`registry/public/targets/it/oa/${after}`), 'utf8')).toBe(
      text.replace('"yanked":false', '"yanked":true'),
    );
    expect((await trial.done('yank', 'registry', 'itoa@1.0.0', '--json')).json).toMatchObject({
      changed: false,
      treeVersion: 3,
    });
    expect((await trial.done('yank', 'registry', 'itoa@1.0.0', '--undo', '--json')).json).toMatchObject({
      yanked: false,
      changed: true,
      treeVersion: 4,
    });
    expect(await trial.files('registry/public/targets/it/oa')).toHaveLength(2);
    await trial.done('verify', 'registry');
  });

  it.each([
    ['a version that is not there', 'itoa@2.0.0', 'ADMIN_NO_VERSION', 2],
    ['a crate that is not there', 'ryu@1.0.0', 'ADMIN_NO_VERSION', 2],
    ['no version', 'itoa', 'ADMIN_USAGE', 2],
    ['a name that is none', '../x@1.0.0', 'INDEX_NAME', 1],
  ])('refuses %s', async (_, argument, code, exit) => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    const outcome = await trial.run('yank', 'registry', argument);
    expect(outcome.stderr).toContain(`tuf-admin: code: ${code}\n`);
    expect(outcome.code).toBe(exit);
  });
});

describe('delete', () => {
  it('leaves a tombstone, once', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    await trial.crate('crates', 'ryu', '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    expect((await trial.done('delete', 'registry', 'Itoa', '--json')).json).toMatchObject({
      crate: 'itoa',
      treeVersion: 3,
    });
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({
      ok: true,
      crates: 1,
      deleted: 1,
    });
    for (const name of ['itoa', 'never']) {
      expect(await trial.run('delete', 'registry', name)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('REPOSITORY_NO_CRATE'),
      });
    }
  });
});

describe('renew', () => {
  it('lets nothing expire that it can sign', async () => {
    const trial = await openRegistry();
    trial.now += 25 * HOUR;
    expect(await trial.run('verify', 'registry')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('CLIENT_EXPIRED'),
    });
    const renewed = await trial.done('renew', 'registry', '--json');
    expect(renewed.json['expires']).toMatchObject({
      timestamp: '2026-11-20T13:00:00Z',
      claims: '2026-12-02T12:00:00Z',
    });
    await trial.done('verify', 'registry');
    trial.now += 8 * 24 * HOUR;
    expect((await trial.done('renew', 'registry', '--json')).json['expires']).toMatchObject({
      claims: '2026-12-11T13:00:00Z',
    });
  });

  it('goes on without offline keys until they are needed, and says so', async () => {
    const trial = await openRegistry();
    const keys = trial.path('registry/keys');
    for (const role of ['root', 'targets', 'claims'])
      await rename(`${keys}/${role}-1.pem`, trial.path(`${role}-1.pem`));
    const quiet = await trial.done('renew', 'registry');
    expect(quiet.stderr).toBe('');
    trial.now += 8 * 24 * HOUR;
    expect((await trial.done('renew', 'registry')).stderr).toContain(
      'claims: expires 2026-12-02T12:00:00Z; its keys are not in',
    );
    trial.now += 7 * 24 * HOUR;
    expect(await trial.run('renew', 'registry')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('REPOSITORY_EXPIRED'),
    });
    await rename(trial.path('claims-1.pem'), `${keys}/claims-1.pem`);
    await trial.done('renew', 'registry');
    await trial.done('verify', 'registry');
  });

  it('brings back a repository whose every role expired', async () => {
    const trial = await openRegistry();
    trial.now += 400 * 24 * HOUR;
    expect(await trial.run('renew', 'registry')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('REPOSITORY_EXPIRED'),
    });
    await trial.done('renew', 'registry', '--root');
    await trial.done('verify', 'registry');
    expect((await trial.done('root', 'registry', '--json')).json).toMatchObject({
      version: 2,
      expires: '2028-12-22T12:00:00Z',
    });
  });

  it('needs the online keys', async () => {
    const trial = await openRegistry();
    await rm(trial.path('registry/keys/snapshot-1.pem'));
    expect(await trial.run('renew', 'registry')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('REPOSITORY_KEYS'),
    });
  });
});

describe('rotate', () => {
  it.each(['root', 'targets', 'claims', 'crates', 'snapshot', 'timestamp'])(
    'gives %s other keys',
    async role => {
      const trial = await openRegistry();
      await trial.crate('crates', 'itoa', '1.0.0');
      await trial.done('publish', 'registry', '--crates', 'crates');
      const delegated = role === 'claims' || role === 'crates';
      const rotated = await trial.done(
        'rotate',
        'registry',
        role,
        '--keys',
        '2',
        '--unencrypted-keys',
        '--json',
      );
      expect(rotated.json).toMatchObject({
        role,
        keys: [2, 3].map(number => trial.path(`registry/keys/${role}-${number}.pem`)),
        retired: 1,
        rootVersion: delegated ? 1 : 2,
      });
      expect(await trial.files('registry/keys/retired')).toEqual([`${role}-1.pem`]);
      await trial.done('verify', 'registry');
      await trial.done('yank', 'registry', 'itoa@1.0.0');
      await trial.done('verify', 'registry');
    },
  );

  it('takes a threshold from policy.toml', async () => {
    const trial = await openRegistry();
    const path = trial.path('registry/policy.toml');
    const policy = await readFile(path, 'utf8');
    await writeFile(path, policy.replace('[timestamp]\nthreshold = 1', '[timestamp]\nthreshold = 2'));
    expect((await trial.run('rotate', 'registry', 'timestamp', '--unencrypted-keys')).code).toBe(2);
    await trial.done('rotate', 'registry', 'timestamp', '--keys', '3', '--unencrypted-keys');
    const timestamp = await readFile(trial.path('registry/public/metadata/timestamp.json'), 'utf8');
    // The key of before signs this one timestamp too, for clients that have yet to see the root.
    expect((JSON.parse(timestamp) as { signatures: unknown[] }).signatures).toHaveLength(4);
    await rm(trial.path('registry/keys/timestamp-2.pem'));
    await trial.done('renew', 'registry');
    await rm(trial.path('registry/keys/timestamp-3.pem'));
    expect(await trial.run('renew', 'registry')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('REPOSITORY_KEYS'),
    });
  });

  it('needs the root keys', async () => {
    const trial = await openRegistry('--root-keys', '3', '--root-threshold', '2');
    await rm(trial.path('registry/keys/root-1.pem'));
    await trial.done('rotate', 'registry', 'snapshot', '--unencrypted-keys');
    await rm(trial.path('registry/keys/root-2.pem'));
    const before = await trial.files('registry/keys');
    expect(await trial.run('rotate', 'registry', 'snapshot', '--unencrypted-keys')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('REPOSITORY_KEYS'),
    });
    await trial.done('verify', 'registry');
    // No key is left that signs nothing.
    expect(await trial.files('registry/keys')).toEqual(before);
  });

  it('refuses what is no role', async () => {
    const trial = await openRegistry();
    expect((await trial.run('rotate', 'registry', '../root', '--unencrypted-keys')).code).toBe(2);
  });
});

describe('raise-epoch', () => {
  it('states every leaf above what the old keys can have signed', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    const raised = await trial.done('raise-epoch', 'registry', '--json');
    expect(raised.json).toMatchObject({ epoch: 1, treeVersion: 2 ** 40 + 1 });
    await trial.done('verify', 'registry');
    expect((await trial.done('yank', 'registry', 'itoa@1.0.0', '--json')).json['treeVersion']).toBe(
      2 ** 40 + 2,
    );
  });
});

describe('rehearsal', () => {
  it('publishes nothing on top of files from a backup', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    await cp(trial.path('registry/public'), trial.path('backup'), { recursive: true });
    await trial.done('publish', 'registry', '--crates', 'crates');
    await trial.done('renew', 'registry');
    await rm(trial.path('registry/public'), { recursive: true });
    await cp(trial.path('backup'), trial.path('registry/public'), { recursive: true });
    const before = await readFile(trial.path('registry/public/metadata/timestamp.json'));
    const outcome = await trial.run('renew', 'registry');
    expect(outcome).toMatchObject({ code: 4, stderr: expect.stringContaining('ADMIN_CLIENT_REFUSES') });
    expect(await readFile(trial.path('registry/public/metadata/timestamp.json'))).toEqual(before);
  });

  it('puts no root out that it would not follow itself', async () => {
    const trial = await openRegistry();
    await cp(trial.path('registry/public'), trial.path('backup'), { recursive: true });
    await trial.done('renew', 'registry');
    await trial.done('renew', 'registry');
    await rm(trial.path('registry/public'), { recursive: true });
    await cp(trial.path('backup'), trial.path('registry/public'), { recursive: true });
    expect((await trial.run('renew', 'registry', '--root')).code).toBe(4);
    expect(await trial.files('registry/public/metadata')).not.toContain('2.root.json');
  });
});
