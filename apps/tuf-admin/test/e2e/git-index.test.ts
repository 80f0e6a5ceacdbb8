// The life of a signed git index, with the real git and gpg on both sides.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { needGpg } from '../../../../packages/openpgp/test/gpg.ts';
import { openGitTrial } from '../git-trial.ts';

const DL = ['--dl', 'https://crates.example.org/crates'];

describe.each(['sha1', 'sha256'])('an index of %s objects', format => {
  it('lives through all commands, and git verifies each step', async context => {
    needGpg(context);
    const index = await openGitTrial();
    const root = index.gpgKey('root');
    const next = index.gpgKey('next');
    const bot = await index.fileKey('bot');
    await index.fileKey('bot2');
    const keys = ['--root', 'root.asc', '--timestamp', 'bot.asc', '--object-format', format];
    const made = await index.admin('init', 'index.git', ...keys, ...DL, '--key', 'bot.pem', '--json');
    expect(made.json).toMatchObject({ signers: [`openpgp:${bot}`], timestamp: { version: 1 } });
    expect(index.git('index.git', 'rev-parse', '--show-object-format')).toBe(format);
    const follow = await index.client('index.git');
    index.witness('index.git');

    await index.trial.crate('crates', 'itoa', '1.0.0');
    await index.trial.crate('crates', 'ryu', '1.0.0');
    const added = await index.admin(
      'commit',
      'index.git',
      '--crates',
      'crates',
      '--key',
      'bot.pem',
      '--json',
    );
    expect(added.json).toMatchObject({ published: true, added: ['itoa 1.0.0', 'ryu 1.0.0'] });
    expect(index.git('index.git', 'log', '-1', '--format=%s%n%an <%ae>')).toBe(
      'Publish itoa 1.0.0, ryu 1.0.0\nbot <bot@example.org>',
    );
    await index.admin('yank', 'index.git', 'itoa@1.0.0', '--key', 'bot.pem');
    expect(index.git('index.git', 'show', 'HEAD:it/oa/itoa')).toContain('"yanked":true');
    expect(
      (await index.admin('commit', 'index.git', '--crates', 'crates', '--key', 'bot.pem', '--json')).json,
    ).toMatchObject({
      published: false,
      changed: [],
    });
    await follow();

    const idle = await index.admin('renew', 'index.git', '--if-within', '3d', '--key', 'bot.pem', '--json');
    expect(idle.json).toMatchObject({ renewed: false });
    expect(
      (await index.admin('renew', 'index.git', '--if-within', '8d', '--key', 'bot.pem', '--json')).json,
    ).toMatchObject({
      renewed: true,
      timestamp: { version: 4 },
    });
    await follow();

    const exchange = ['--add', 'timestamp=bot2.asc', '--remove', `timestamp=${bot}`];
    const rotated = await index.admin(
      'rotate',
      'index.git',
      ...exchange,
      '--gpg-key',
      root,
      '--key',
      'bot2.pem',
      '--json',
    );
    expect(rotated.json).toMatchObject({ published: true, tag: 'root-rotation-v1-2' });
    await follow();
    index.witness('index.git');
    await index.admin(
      'rotate',
      'index.git',
      '--add',
      'root=next.asc',
      '--gpg-key',
      root,
      '--key',
      'bot2.pem',
    );
    await index.admin(
      'rotate',
      'index.git',
      '--remove',
      `root=${root}`,
      '--gpg-key',
      next,
      '--key',
      'bot2.pem',
    );
    expect((await follow()).root.version).toBe(4);

    await index.admin('squash', 'index.git', '--keep', 'snapshot', '--key', 'bot2.pem');
    expect(index.git('index.git', 'rev-list', '--count', 'HEAD')).toBe('1');
    await follow();
    index.witness('index.git');
    await index.admin('commit', 'index.git', '--delete', 'ryu', '--key', 'bot2.pem');
    expect(await (await follow()).read('ry/u/ryu', 1000)).toBeUndefined();
    expect((await index.admin('verify', 'index.git', '--json')).json).toMatchObject({
      ok: true,
      commits: 2,
      end: 'first',
    });
    expect((await index.admin('status', 'index.git', '--json')).json).toMatchObject({
      branch: 'refs/heads/main',
      root: { version: 4 },
      problem: null,
      proposals: [],
      roles: [
        {
          name: 'root',
          threshold: 1,
          keys: [{ keyId: `openpgp:${next}`, userIds: ['next <next@example.org>'], expires: null }],
        },
        { name: 'timestamp' },
      ],
    });
  });

  it('takes what was made by hand with git and gpg, and hand takes what it made', async context => {
    needGpg(context);
    const index = await openGitTrial();
    const root = index.gpgKey('root');
    const bot = index.gpgKey('bot');
    index.gpgKey('bot2');
    const work = index.trial.path('work');
    execFileSync('git', ['init', '--quiet', `--object-format=${format}`, '--initial-branch=main', work]);
    writeFileSync(`${work}/README`, 'an index that was not signed\n');
    index.git('work', 'add', '.');
    index.git('work', 'commit', '--quiet', '--no-gpg-sign', '--message', 'Begin');
    await index.admin(
      'init',
      'work',
      '--root',
      'root.asc',
      '--timestamp',
      'bot.asc',
      ...DL,
      '--gpg-key',
      bot,
    );
    expect(index.git('work', 'status', '--porcelain')).toBe('');
    expect(readFileSync(`${work}/root.toml`, 'utf8')).toContain(`openpgp:${root}`);
    index.witness('work');
    const follow = await index.client('work');

    // By hand: a commit of the bot.
    const raise = () => {
      const path = `${work}/timestamp.toml`;
      const text = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        text.replace(/^version = (\d+)$/m, (_, version: string) => `version = ${Number(version) + 1}`),
      );
    };
    raise();
    index.git('work', 'commit', '--quiet', '--all', `--gpg-sign=${bot}`, '--message', 'By hand');
    expect((await follow()).timestamp.version).toBe(2);
    await index.trial.crate('crates', 'itoa', '1.0.0');
    await index.admin('commit', 'work', '--crates', 'crates', '--gpg-key', bot);
    expect((await follow()).timestamp.version).toBe(3);
    expect(readFileSync(`${work}/it/oa/itoa`, 'utf8')).toContain('"itoa"');

    // By hand: a rotation, with root.toml from ours, signed by the root key alone; ours puts a tip on top.
    const bare = index.trial.path('bare');
    execFileSync('git', ['clone', '--quiet', '--bare', work, bare]);
    const fingerprint = (await index.admin('status', 'work', '--json')).json['fingerprint'] as string;
    await index.admin('trust', 'bare', '--fingerprint', fingerprint);
    await index.admin('rotate', 'bare', '--add', 'timestamp=bot2.asc', '--gpg-key', root, '--gpg-key', bot);
    writeFileSync(`${work}/root.toml`, index.git('bare', 'show', 'HEAD:root.toml') + '\n');
    raise();
    index.git('work', 'commit', '--quiet', '--all', `--gpg-sign=${root}`, '--message', 'Rotate by hand');
    index.git('work', 'tag', `--local-user=${root}`, '--message', 'Rotate', 'root-rotation-v1-2');
    await expect(follow()).rejects.toMatchObject({ code: 'REGISTRY_ROLE' });
    await index.admin('renew', 'work', '--gpg-key', bot);
    expect((await follow()).root.version).toBe(2);
    index.witness('work');
    expect((await index.admin('verify', 'work', '--json')).json).toMatchObject({ ok: true, end: 'unsigned' });
    expect((await index.admin('verify', 'bare', '--json')).json).toMatchObject({ ok: true });
  });
});

describe('thresholds', () => {
  it('of two: signed one after the other; each packet verifies with gpg, and git refuses the armor', async context => {
    needGpg(context);
    const index = await openGitTrial();
    const [one, two] = [index.gpgKey('one'), index.gpgKey('two')];
    const roles = [
      '--root',
      'one.asc',
      '--root',
      'two.asc',
      '--timestamp',
      'one.asc',
      '--timestamp',
      'two.asc',
    ];
    const thresholds = ['--threshold', 'root=2', '--threshold', 'timestamp=2'];
    const lacking = await index.refused(
      'init',
      'index.git',
      ...roles,
      ...thresholds,
      ...DL,
      '--gpg-key',
      one,
    );
    expect(lacking).toMatchObject({ code: 2, stderr: expect.stringContaining('REGISTRY_NO_KEY') });
    const both = ['--gpg-key', one, '--gpg-key', two];
    await index.admin('init', 'index.git', ...roles, ...thresholds, ...DL, ...both);
    const follow = await index.client('index.git');
    await index.trial.crate('crates', 'itoa', '1.0.0');
    const waits = await index.admin('commit', 'index.git', '--crates', 'crates', '--gpg-key', one, '--json');
    expect(waits.json).toMatchObject({
      published: false,
      missing: [{ role: 'timestamp', have: 1, need: 2 }],
    });
    const id = waits.json['commit'] as string;
    const shown = await index.admin('status', 'index.git');
    expect(shown.stdout).toContain(`waits: tip ${id}\n  adds it/oa/itoa\n`);
    const wrong = await index.refused('countersign', 'index.git', id.replace(/^../, '00'), '--gpg-key', two);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('REGISTRY_NO_PROPOSAL') });
    await index.admin('countersign', 'index.git', id, '--gpg-key', two);
    expect((await follow()).signers).toEqual([`openpgp:${one}`, `openpgp:${two}`]);

    // A commit by hand has one signature: it is countersigned where it stands.
    execFileSync('git', ['clone', '--quiet', index.trial.path('index.git'), index.trial.path('work')]);
    const fingerprint = (await index.admin('status', 'index.git', '--json')).json['fingerprint'] as string;
    await index.admin('trust', 'work', '--fingerprint', fingerprint);
    const path = index.trial.path('work/timestamp.toml');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^version = 2$/m, 'version = 3'));
    index.git('work', 'commit', '--quiet', '--all', `--gpg-sign=${one}`, '--message', 'By hand');
    const hand = index.git('work', 'rev-parse', 'HEAD');
    expect(await index.refused('verify', 'work')).toMatchObject({ code: 4 });
    await index.admin('countersign', 'work', hand, '--gpg-key', two);
    await (await index.client('work'))();
    expect(index.git('work', 'status', '--porcelain')).toBe('');

    // git counts the statuses of gpg and gives up; gpg finds each signature good.
    index.git('work', 'fsck', '--strict', '--no-dangling');
    const { code, stderr } = index.gitStatus('work', 'verify-commit', 'HEAD');
    expect(code).not.toBe(0);
    expect(stderr.match(/Good signature/g)).toHaveLength(2);
  });
});

describe('keys', () => {
  it('with a passphrase, in gpg-agent and in a file', async context => {
    needGpg(context);
    const index = await openGitTrial();
    const bot = index.gpgKey('bot', 'correct horse');
    writeFileSync(index.trial.path('passphrase'), 'battery staple\n');
    const options = ['--passphrase-file', 'passphrase'];
    const user = 'Root <root@example.org>';
    const key = await index.admin(
      'key',
      'root.pem',
      '--user-id',
      user,
      '--expires-in',
      '30d',
      ...options,
      '--json',
    );
    expect(key.json['expires']).toMatch(/^20\d\d-/);
    const init = [
      'init',
      'index.git',
      '--root',
      'root.asc',
      '--timestamp',
      'bot.asc',
      '--timestamp',
      'root.asc',
      ...DL,
    ];
    const locked = await index.refused(...init, '--gpg-key', bot);
    expect(locked).toMatchObject({ code: 3, stderr: expect.stringContaining('SIGNER_AGENT_REFUSED') });
    index.gpg.run(
      ['--passphrase', 'correct horse', '--pinentry-mode', 'loopback', '--local-user', bot, '--detach-sign'],
      'x',
    );
    await index.admin(...init, '--gpg-key', bot);
    const without = await index.refused('renew', 'index.git', '--key', 'root.pem');
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('SIGNER_PASSPHRASE_MISSING') });
    await index.admin('renew', 'index.git', '--key', 'root.pem', ...options);
    index.gpg.run(['--import', index.trial.path('root.asc')]);
    index.witness('index.git');
    const stranger = await index.refused('renew', 'index.git', '--gpg-key', 'AB'.repeat(20));
    expect(stranger).toMatchObject({ code: 2, stderr: expect.stringContaining('ADMIN_GIT_KEY') });
  });
});

describe('owners', () => {
  it('sign with gpg what was prepared for them', async context => {
    needGpg(context);
    const index = await openGitTrial();
    const [alice, bob, keeper] = [index.gpgKey('alice'), index.gpgKey('bob'), index.gpgKey('keeper')];
    await index.fileKey('bot');
    const roles = ['--root', 'keeper.asc', '--timestamp', 'bot.asc', '--targets', 'keeper.asc'];
    await index.admin('init', 'index.git', ...roles, ...DL, '--key', 'bot.pem');
    await index.trial.crate('crates', 'serde', '1.0.0');
    await index.admin('commit', 'index.git', '--crates', 'crates', '--key', 'bot.pem');
    const owners = ['--owner', 'alice.asc', '--owner', 'bob.asc', '--threshold', '2'];
    const prepared = await index.admin(
      'delegate',
      'index.git',
      'serde',
      ...owners,
      '--prepare',
      'first',
      '--json',
    );
    expect(prepared.json).toEqual({ published: false, prepared: ['targets.toml', 'se/rd/serde'] });
    const sign = (who: string, file: string, label: string) =>
      index.gpg.run([
        '--local-user',
        who,
        '--armor',
        '--output',
        index.trial.path(`${file}${label}.asc`),
        '--detach-sign',
        index.trial.path(file),
      ]);
    sign(keeper, 'first/targets.toml', '');
    sign(alice, 'first/se/rd/serde', '.alice');
    const half = await index.refused('commit', 'index.git', '--from', 'first', '--key', 'bot.pem');
    expect(half).toMatchObject({ code: 2, stderr: expect.stringContaining('code: REGISTRY_RESULT') });
    sign(bob, 'first/se/rd/serde', '.bob');
    const follow = await index.client('index.git');
    await index.admin('commit', 'index.git', '--from', 'first', '--key', 'bot.pem');
    expect((await follow()).targets?.version).toBe(1);

    await index.trial.crate('more', 'serde', '1.0.1');
    expect(await index.refused('commit', 'index.git', '--crates', 'more', '--key', 'bot.pem')).toMatchObject({
      code: 2,
    });
    await index.admin(
      'commit',
      'index.git',
      '--crates',
      'more',
      '--gpg-key',
      alice,
      '--gpg-key',
      bob,
      '--key',
      'bot.pem',
    );
    await follow();
    await index.admin(
      'yank',
      'index.git',
      'serde@1.0.0',
      '--gpg-key',
      alice,
      '--gpg-key',
      bob,
      '--key',
      'bot.pem',
    );
    await follow();
    await index.admin('delegate', 'index.git', 'serde', '--remove', '--gpg-key', keeper, '--key', 'bot.pem');
    expect((await follow()).targets?.roles).toEqual([]);
    await index.admin('yank', 'index.git', 'serde@1.0.0', '--undo', '--key', 'bot.pem');
    await follow();
    index.witness('index.git');
  });
});

describe('a working tree', () => {
  const open = async () => {
    const index = await openGitTrial();
    await index.fileKey('bot');
    await index.admin(
      'init',
      'bare.git',
      '--root',
      'bot.asc',
      '--timestamp',
      'bot.asc',
      ...DL,
      '--key',
      'bot.pem',
    );
    execFileSync('git', ['clone', '--quiet', index.trial.path('bare.git'), index.trial.path('work')]);
    const fingerprint = (await index.admin('status', 'bare.git', '--json')).json['fingerprint'] as string;
    await index.admin('trust', 'work', '--fingerprint', fingerprint);
    await index.trial.crate('crates', 'itoa', '1.0.0');
    return index;
  };

  it('that has changes is left alone, and so is the branch', async context => {
    needGpg(context);
    const index = await open();
    const before = index.git('work', 'rev-parse', 'HEAD');
    const commit = ['commit', 'work', '--crates', 'crates', '--key', 'bot.pem'];
    const config = index.trial.path('work/config.json');
    const text = readFileSync(config);
    writeFileSync(config, 'changed');
    const dirty = await index.refused(...commit);
    expect(dirty).toMatchObject({ code: 2, stderr: expect.stringContaining('ADMIN_GIT_DIRTY') });
    index.git('work', 'add', 'config.json');
    writeFileSync(config, text);
    expect(await index.refused(...commit)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ADMIN_GIT_DIRTY'),
    });
    index.git('work', 'reset', '--quiet', '--hard');
    // A file of the operator's own, where an entry would be.
    execFileSync('mkdir', ['-p', index.trial.path('work/it/oa')]);
    writeFileSync(index.trial.path('work/it/oa/itoa'), 'mine');
    expect(await index.refused(...commit)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('GIT_WORK_TREE'),
    });
    expect(index.git('work', 'rev-parse', 'HEAD')).toBe(before);
    expect(readFileSync(index.trial.path('work/it/oa/itoa'), 'utf8')).toBe('mine');
    writeFileSync(index.trial.path('work/notes'), 'others stay');
    execFileSync('rm', [index.trial.path('work/it/oa/itoa')]);
    await index.admin(...commit);
    expect(index.git('work', 'status', '--porcelain')).toBe('?? notes');
  });

  it('that a run has left behind is caught up with', async context => {
    needGpg(context);
    const index = await open();
    const before = index.git('work', 'rev-parse', 'HEAD');
    await index.admin('commit', 'work', '--crates', 'crates', '--key', 'bot.pem');
    const after = index.git('work', 'rev-parse', 'HEAD');
    // As if the run had ended between the branch and the files.
    index.git('work', 'reset', '--quiet', '--hard', before);
    index.git('work', 'update-ref', 'refs/tuf/work-tree', before);
    index.git('work', 'update-ref', 'refs/heads/main', after);
    await index.admin('renew', 'work', '--key', 'bot.pem');
    expect(index.git('work', 'status', '--porcelain')).toBe('');
    expect(index.git('work', 'for-each-ref', 'refs/tuf')).toBe('');
  });

  it('is pushed with a lease, through a squash, and over nothing that others pushed', async context => {
    needGpg(context);
    const index = await open();
    const url = `file://${index.trial.path('bare.git')}`;
    await index.admin('commit', 'work', '--crates', 'crates', '--key', 'bot.pem');
    await index.admin('rotate', 'work', '--key', 'bot.pem');
    const pushed = await index.admin('push', 'work', url, '--json');
    expect((pushed.json['pushed'] as { name: string }[]).map(({ name }) => name)).toEqual([
      'refs/heads/main',
      'refs/tags/root-rotation-v1-2',
    ]);
    await index.admin('verify', 'bare.git');
    await index.admin('squash', 'work', '--key', 'bot.pem');
    await index.admin('push', 'work', url);
    expect((await index.admin('push', 'work', url)).stdout).toBe('Nothing to push\n');
    expect(index.git('bare.git', 'rev-parse', 'HEAD')).toBe(index.git('work', 'rev-parse', 'HEAD'));
    await index.admin('yank', 'bare.git', 'itoa@1.0.0', '--key', 'bot.pem');
    await index.admin('renew', 'work', '--key', 'bot.pem');
    expect(await index.refused('push', 'work', url)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('ADMIN_GIT_BEHIND'),
    });
  });
});

describe('two runs at once', () => {
  it('lose no commit', async context => {
    needGpg(context);
    const index = await openGitTrial();
    await index.fileKey('bot');
    await index.admin(
      'init',
      'index.git',
      '--root',
      'bot.asc',
      '--timestamp',
      'bot.asc',
      ...DL,
      '--key',
      'bot.pem',
    );
    const names = ['one', 'two', 'three', 'four'];
    for (const name of names) await index.trial.crate(`crates-${name}`, name, '1.0.0');
    await Promise.all(
      names.map(name => index.admin('commit', 'index.git', '--crates', `crates-${name}`, '--key', 'bot.pem')),
    );
    const files = index.git('index.git', 'ls-tree', '-r', '--name-only', 'HEAD').split('\n');
    for (const path of ['3/o/one', '3/t/two', 'th/re/three', 'fo/ur/four']) expect(files).toContain(path);
    expect((await index.admin('verify', 'index.git', '--json')).json).toMatchObject({ ok: true, commits: 5 });
    index.witness('index.git');
  });
});
