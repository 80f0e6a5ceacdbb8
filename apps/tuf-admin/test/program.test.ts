import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DL, openTrial } from './trial.ts';

const COMMANDS = [
  'init',
  'publish',
  'yank',
  'delete',
  'renew',
  'rotate',
  'raise-epoch',
  'root',
  'verify',
  'serve',
];
const GIT_COMMANDS = [
  'key',
  'init',
  'trust',
  'commit',
  'yank',
  'renew',
  'rotate',
  'delegate',
  'countersign',
  'discard',
  'squash',
  'verify',
  'status',
  'push',
];
const BUNDLE = fileURLToPath(new URL('../dist/main.js', import.meta.url));

describe('program', () => {
  it.each(COMMANDS)('explains %s with an example', async command => {
    const help = await (await openTrial()).run(command, '--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(new RegExp(`Examples?:\\n  tuf-admin .*${command}`));
    expect(help.stdout).toContain('--json');
    expect(help.stderr).toBe('');
  });

  it.each(GIT_COMMANDS)('explains git %s with an example', async command => {
    const help = await (await openTrial()).run('git', command, '--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(new RegExp(`Examples?:\\n(  .*\\n)*? .*tuf-admin git ${command} `));
    expect(help.stdout).toContain('--json');
    expect(help.stderr).toBe('');
  });

  it('has help, a version, and usage errors', async () => {
    const trial = await openTrial();
    const help = await trial.done('--help');
    for (const command of COMMANDS) expect(help.stdout).toContain(`  ${command} `);
    expect((await trial.done('--version')).stdout).toBe('0.1.0\n');
    const gitHelp = await trial.done('git', '--help');
    for (const command of GIT_COMMANDS) expect(gitHelp.stdout).toContain(`  ${command} `);
    const wrong = [
      [],
      ['bogus'],
      ['init'],
      ['renew', 'a', 'b'],
      ['renew', '--bogus', 'a'],
      ['git'],
      ['git', 'x'],
    ];
    for (const argv of [
      ...wrong,
      ['git', 'init', 'a'],
      ['git', 'commit', 'a'],
      ['git', 'delegate', 'a', 'b'],
    ]) {
      const outcome = await trial.run(...argv);
      expect(outcome).toMatchObject({ code: 2, stdout: '' });
      expect(outcome.stderr).toMatch(
        /^tuf-admin: error: .*\ntuf-admin: hint: .*\ntuf-admin: code: ADMIN_USAGE\n$/,
      );
    }
  });
});

describe('bundle', () => {
  it('runs alone on Node, and serves until it is told to stop', async ctx => {
    if (!existsSync(BUNDLE)) ctx.skip('apps/tuf-admin/dist/main.js is not built');
    const trial = await openTrial();
    await trial.crate('crates', 'itoa', '1.0.0');
    await runBundle(trial.folder, 'init', 'registry', '--dl', DL, '--unencrypted-keys');
    expect(await runBundle(trial.folder, 'publish', 'registry', '--crates', 'crates')).toContain(
      '1 versions added in 1 crates',
    );
    expect(await runBundle(trial.folder, 'verify', 'registry')).toContain('everything is as signed');
    const server = spawn(process.execPath, [BUNDLE, 'serve', 'registry', '--port', '0'], {
      cwd: trial.folder,
    });
    try {
      const url = await new Promise<string>(resolve => {
        server.stdout.once('data', chunk => resolve(String(chunk).trim()));
      });
      expect((await fetch(`${url}metadata/timestamp.json`)).status).toBe(200);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await new Promise(resolve => server.once('exit', code => resolve(code)))).toBe(0);
  });
});

describe('bundle with a second thread', () => {
  it('publishes many crates at once, and ends', async ctx => {
    if (!existsSync(BUNDLE)) ctx.skip('apps/tuf-admin/dist/main.js is not built');
    const trial = await openTrial();
    for (let index = 0; index < 600; index++) {
      const line = `{"name":"many${index}","vers":"1.0.0","deps":[],"cksum":"${'0'.repeat(64)}","features":{},"yanked":false}\n`;
      await mkdir(trial.path('index/ma/ny'), { recursive: true });
      await writeFile(trial.path(`index/ma/ny/many${index}`), line);
    }
    await runBundle(trial.folder, 'init', 'registry', '--dl', DL, '--unencrypted-keys');
    const published = await runBundle(trial.folder, 'publish', 'registry', '--index', 'index');
    expect(published).toContain('600 versions added in 600 crates');
    expect(await runBundle(trial.folder, 'verify', 'registry')).toContain('everything is as signed');
    expect(await readdir(trial.path('registry/temporary'))).toEqual([]);
  });
});

function runBundle(cwd: string, ...argv: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [BUNDLE, ...argv], { cwd }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}
