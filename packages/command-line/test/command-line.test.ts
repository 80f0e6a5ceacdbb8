import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import {
  addCommands,
  Checks,
  completionScript,
  confirmFingerprint,
  findProgram,
  groupDigits,
  isExecutable,
  openProgress,
  printJson,
  runForeground,
  runProgram,
  SHELLS,
} from '@cargo-tuf/command-line';
import { defineErrors } from '@cargo-tuf/errors';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const fail = defineErrors({
  TEST_USAGE: { kind: 'misuse', hint: 'see --help' },
  TEST_DECLINED: { kind: 'misuse', hint: 'compare' },
  TEST_NO_TERMINAL: { kind: 'misuse', hint: 'use a terminal' },
  TEST_SECURITY: { kind: 'security', hint: 'tell somebody' },
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/command-line-`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function frameOf(trace = false) {
  const said: string[] = [];
  const stderr = { write: (text: string) => said.push(text) };
  return { said, frame: { name: 'tool', stderr, trace, usage: (text: string) => fail('TEST_USAGE', text) } };
}

describe('a program', () => {
  it('gives the exit code of its work', async () => {
    const { said, frame } = frameOf();
    expect(await runProgram(frame, () => Promise.resolve(7))).toBe(7);
    expect(said).toEqual([]);
  });

  it('tells an error with its code and hint, and exits as its kind says', async () => {
    const { said, frame } = frameOf();
    const code = await runProgram(frame, () => Promise.reject(fail('TEST_SECURITY', 'a: 1, expected 2')));
    expect(code).toBe(4);
    expect(said.join('')).toBe(
      'tool: error: a: 1, expected 2\ntool: hint: tell somebody\ntool: code: TEST_SECURITY\n',
    );
  });

  it('shows the stack of a defect where that was asked for', async () => {
    for (const trace of [false, true]) {
      const { said, frame } = frameOf(trace);
      expect(await runProgram(frame, () => Promise.reject(new Error('oops')))).toBe(70);
      expect(said.join('').includes('    at ')).toBe(trace);
    }
  });

  it('tells arguments that it does not take as its own error, and asks for help with 0', async () => {
    const parse = async (...args: readonly string[]) => {
      const { said, frame } = frameOf();
      const code = await runProgram(frame, async () => {
        const program = new Command('tool')
          .exitOverride()
          .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
        const one = () =>
          Promise.resolve((name: string) => new Command(name).argument('<file>').action(() => undefined));
        await addCommands(program, { one }, ['one'], 'one');
        await program.parseAsync([...args], { from: 'user' });
        return 0;
      });
      return [code, said.join('')] as const;
    };
    expect(await parse('one', 'file')).toEqual([0, '']);
    expect(await parse('--help')).toEqual([0, '']);
    const [code, said] = await parse('one');
    expect(code).toBe(2);
    expect(said).toContain("tool: error: arguments: missing required argument 'file'");
    expect(await parse()).toEqual([2, expect.stringContaining('command: none given')]);
  });

  it('loads the commands that are named, and no other', async () => {
    const loaded: string[] = [];
    const load = (name: string) => () => {
      loaded.push(name);
      return Promise.resolve(() => new Command(name));
    };
    const program = new Command();
    await addCommands(program, { a: load('a'), b: load('b') }, ['b']);
    expect([loaded, program.commands.map(each => each.name())]).toEqual([['b'], ['b']]);
  });
});

describe('checks', () => {
  it('tell what failed, and throw what is no error of ours', async () => {
    const written: string[] = [];
    const context = { stdout: { write: (text: string) => written.push(text) } };
    const checks = new Checks();
    await checks.run('one', () => Promise.resolve('fine'));
    expect(checks.print(context, false)).toBe(0);
    await checks.run('two', () => Promise.reject(fail('TEST_SECURITY', 'a: 1, expected 2')));
    expect(checks.print(context, false)).toBe(1);
    expect(written.join('')).toContain('ok   one: fine\nFAIL two: a: 1, expected 2 [TEST_SECURITY]; ');
    await expect(checks.run('three', () => Promise.reject(new TypeError('oops')))).rejects.toThrow('oops');
    written.length = 0;
    checks.print(context, true);
    expect(JSON.parse(written.join(''))).toHaveLength(2);
  });
});

describe('completions', () => {
  it.each(SHELLS)('of %s name the program and its words', shell => {
    const script = completionScript(shell, 'rustup-tuf', ['install', 'update']);
    expect(script).toContain('rustup-tuf');
    expect(script).toContain('install update');
  });

  it('of bash complete', context => {
    context.skip(spawnSync('bash', ['--version']).status !== 0, 'needs bash');
    const script = `${completionScript('bash', 'rustup-tuf', ['install', 'update'])}
COMP_WORDS=(rustup-tuf in); COMP_CWORD=1; _rustup_tuf; echo "\${COMPREPLY[@]}"`;
    expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout).toBe('install\n');
  });

  it('are none for another shell', () => expect(completionScript('csh', 'x', [])).toBeUndefined());
});

describe('a fingerprint', () => {
  const FINGERPRINT = '0123456789abcdef'.repeat(4);
  const confirm = (stated: string | undefined, answer?: string) =>
    confirmFingerprint({
      fingerprint: FINGERPRINT,
      stated,
      from: 'the registry',
      ask: answer === undefined ? undefined : () => Promise.resolve(answer),
      declined: message => fail('TEST_DECLINED', message),
      noTerminal: message => fail('TEST_NO_TERMINAL', message),
    });

  it('is shown in groups, and taken as it was written down', async () => {
    const shown = groupDigits(FINGERPRINT);
    expect(shown.split(' ')).toHaveLength(8);
    for (const stated of [FINGERPRINT, shown, shown.replaceAll(' ', ':').toUpperCase()])
      await confirm(stated);
  });

  it('that is another one is refused, with both', async () => {
    for (const stated of ['', FINGERPRINT.slice(1), `${FINGERPRINT}0`])
      await expect(confirm(stated, 'yes')).rejects.toMatchObject({
        code: 'TEST_DECLINED',
        message: `fingerprint: ${FINGERPRINT}, expected ${stated}`,
      });
  });

  it('needs a yes at a terminal', async () => {
    await confirm(undefined, ' yes\n');
    for (const answer of ['', 'y', 'no', 'YES'])
      await expect(confirm(undefined, answer)).rejects.toMatchObject({ code: 'TEST_DECLINED' });
    await expect(confirm(undefined)).rejects.toMatchObject({ code: 'TEST_NO_TERMINAL' });
  });
});

describe('another program', () => {
  it('is found in absolute folders of the path alone', async () => {
    const file = `${folder}/tool`;
    await writeFile(file, '#!/bin/sh\n');
    expect([isExecutable(file), findProgram('tool', folder)]).toEqual([false, undefined]);
    await chmod(file, 0o755);
    expect(findProgram('tool', `/nowhere:${folder}`)).toBe(file);
    for (const path of [relative(process.cwd(), folder), '', undefined, '/nowhere'])
      expect(findProgram('tool', path)).toBeUndefined();
  });

  it('gives its exit code, as a shell gives it', async () => {
    const options = { cwd: folder, env: process.env, stdio: 'ignore' as const };
    expect(await runForeground('sh', ['-c', 'exit 7'], options)).toBe(7);
    expect(await runForeground('sh', ['-c', 'kill -TERM $$'], options)).toBe(143);
    await expect(runForeground(`${folder}/absent`, [], options)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });

  it('gets the signals that would end this one', async () => {
    const options = {
      cwd: folder,
      env: process.env,
      stdio: ['ignore', 'pipe', 'ignore'] as ('ignore' | 'pipe')[],
      onStart: (child: { stdout: NodeJS.ReadableStream | null }) =>
        child.stdout?.once('data', () => process.emit('SIGHUP', 'SIGHUP')),
    };
    const script = 'trap "exit 9" HUP; echo ready; while :; do sleep 0.05; done';
    expect(await runForeground('sh', ['-c', script], options)).toBe(9);
  });
});

it('progress is silent in a pipe', () => {
  const stderr = { write: () => expect.fail('nothing is written') };
  const progress = openProgress({ stderr, clock: () => 0 }, 'Verifying', 10);
  progress.step(1, 'one');
  progress.end();
});

it('JSON is written with a line end', () => {
  const written: string[] = [];
  printJson({ stdout: { write: text => written.push(text) } }, { a: 1 });
  expect(written).toEqual(['{\n  "a": 1\n}\n']);
});
