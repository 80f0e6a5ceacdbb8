import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { projectEnvironment, ROOT } from '../environment.mjs';
import { closingLine, countOf } from '../tests.mjs';

const counted = (passed: number, failed: number, skipped: number) =>
  JSON.stringify({ passed, failed, skipped, reasons: [] });

it('the closing line names skipped tests only when there are some', () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});

it('a run that ended badly without a failed test counts as a failure', () => {
  expect(countOf('unit', 0, counted(3, 0, 0)).failed).toBe(0);
  expect(countOf('unit', 1, counted(3, 2, 0)).failed).toBe(2);
  expect(countOf('unit', 1, counted(3, 0, 0)).failed).toBe(1);
  expect(countOf('unit', 0, counted(0, 0, 0)).failed).toBe(1);
  expect(countOf('unit', 1, undefined)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
    reasons: ['failed: unit: vitest ended with code 1 and counted no test'],
  });
});

it('every folder that a step writes to lies in the checkout', () => {
  const environment: NodeJS.ProcessEnv = projectEnvironment(`${ROOT}/.cache/tmp-x`);
  const names = [
    'TMPDIR',
    'XDG_CACHE_HOME',
    'XDG_CONFIG_HOME',
    'XDG_DATA_HOME',
    'XDG_STATE_HOME',
    'PNPM_HOME',
  ];
  for (const name of [...names, 'npm_config_cache', 'CARGO_HOME', 'TURBO_CONFIG_DIR_PATH'])
    expect(environment[name]?.startsWith(`${ROOT}/.cache/`), name).toBe(true);
});

it('a word that is no command is refused with the list of commands', () => {
  for (const word of ['deploy', 'toString', '']) {
    const { status, stderr } = spawnSync(process.execPath, ['tools/setup/run.mjs', word], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain('expected one of: build, quickstart, test');
  }
});
