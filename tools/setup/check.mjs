// @ts-check
// The static checks. Each prints `ok NAME`, or its output when it fails; at most two run at once.
//
//   node tools/setup/check.mjs              all of them
//   node tools/setup/check.mjs lint layers  these
import { pathToFileURL } from 'node:url';
import { projectEnvironment, ROOT, withScratchFolder } from './environment.mjs';
import { run, seconds } from './process.mjs';

/** @typedef {{ name: string, commands: readonly (readonly [string, ...string[]])[], after?: string }} Check */

/** @type {readonly Check[]} */
const CHECKS = [
  {
    name: 'types',
    commands: [
      ['tsc', '-b'],
      ['tsc', '-p', 'tsconfig.test.json'],
    ],
  },
  {
    name: 'lint',
    commands: [['oxlint', '--type-aware', '--deny-warnings', 'packages', 'apps', 'tools']],
    after: 'types', // it reads the declarations of the packages that a test imports
  },
  { name: 'format', commands: [['biome', 'format', '.']] },
  { name: 'layers', commands: [[process.execPath, 'tools/layers/check.mjs']] },
  { name: 'unused', commands: [['knip', '--no-progress']] },
  { name: 'docs', commands: [[process.execPath, 'tools/docs/check.mjs']] },
  { name: 'packages', commands: [[process.execPath, 'tools/packages/check.mjs']], after: 'types' },
];

const AT_ONCE = 2;

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly string[]} [names] all checks when empty
 */
export async function runChecks(environment, names = []) {
  const waiting = CHECKS.filter(check => names.length === 0 || names.includes(check.name));
  const ended = new Set(CHECKS.filter(check => !waiting.includes(check)).map(check => check.name));
  /** @type {import('./tests.mjs').Count} */
  const count = { passed: 0, failed: 0, skipped: 0, reasons: [] };
  /** @type {Set<Promise<void>>} */
  const running = new Set();
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex(check => check.after === undefined || ended.has(check.after));
    if (running.size === AT_ONCE || next < 0) {
      await Promise.race(running);
      continue;
    }
    const [check] = waiting.splice(next, 1);
    if (!check) break;
    const work = runCheck(check, environment).then(ok => {
      count[ok ? 'passed' : 'failed'] += 1;
      ended.add(check.name);
      running.delete(work);
    });
    running.add(work);
  }
  return count;
}

/** @param {Check} check @param {NodeJS.ProcessEnv} environment */
async function runCheck({ name, commands }, environment) {
  let output = '';
  const started = Date.now();
  for (const [program, ...words] of commands) {
    const code = await run(program, words, { cwd: ROOT, environment, collect: text => (output += text) });
    if (code === 0) continue;
    console.log(`${output.trimEnd()}\nFAILED ${name} (${seconds(started)})`);
    return false;
  }
  console.log(`ok ${name} (${seconds(started)})`);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const names = process.argv.slice(2);
  const unknown = names.filter(name => !CHECKS.some(check => check.name === name));
  if (unknown.length > 0) {
    console.error(`check: ${unknown.join(', ')}, expected: ${CHECKS.map(check => check.name).join(', ')}`);
    process.exitCode = 2;
  } else {
    const count = await withScratchFolder(scratch => runChecks(projectEnvironment(scratch), names));
    process.exitCode = count.failed === 0 ? 0 : 1;
  }
}
