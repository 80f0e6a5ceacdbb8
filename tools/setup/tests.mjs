// @ts-check
// Everything that must hold, and one closing line that counts it.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runChecks } from './check.mjs';
import { ROOT } from './environment.mjs';
import { run, seconds } from './process.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number, reasons: readonly string[] }} Count */

/** Static checks, unit tests, end-to-end tests. Gives the exit code. @param {NodeJS.ProcessEnv} environment */
export async function test(environment) {
  const counts = [await runChecks(environment)];
  for (const project of ['unit', 'e2e']) counts.push(await runProject(project, environment));
  for (const reason of counts.flatMap(count => count.reasons)) console.log(reason);
  const total = sum(counts);
  console.log(closingLine(total));
  return total.failed === 0 ? 0 : 1;
}

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<Count>}
 */
async function runProject(project, environment) {
  const file = resolve(environment['TMPDIR'] ?? ROOT, `count-${project}.json`);
  const started = Date.now();
  console.log(`${project}: vitest run --project ${project}`);
  const code = await run('vitest', ['run', '--project', project], {
    cwd: ROOT,
    environment: { ...environment, CARGO_TUF_TEST_COUNTS: file },
    show: true,
  });
  const count = countOf(project, code, existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  console.log(`${project}: ${closingLine(count)} (${seconds(started)})`);
  return count;
}

/**
 * A run that ended badly without a failed test (no tests, a crash, an unhandled error) counts as one failure.
 * @param {string} project
 * @param {number} code
 * @param {string | undefined} written
 * @returns {Count}
 */
export function countOf(project, code, written) {
  /** @type {Count} */
  const count =
    written === undefined ? { passed: 0, failed: 0, skipped: 0, reasons: [] } : JSON.parse(written);
  const empty = count.passed + count.failed + count.skipped === 0;
  if (count.failed > 0 || (code === 0 && !empty)) return count;
  const ended = `failed: ${project}: vitest ended with code ${code}${empty ? ' and counted no test' : ''}`;
  return { ...count, failed: 1, reasons: [...count.reasons, ended] };
}

/** @param {readonly Count[]} counts @returns {Count} */
function sum(counts) {
  const add = (/** @type {'passed' | 'failed' | 'skipped'} */ field) =>
    counts.reduce((total, count) => total + count[field], 0);
  return { passed: add('passed'), failed: add('failed'), skipped: add('skipped'), reasons: [] };
}

/** `12 passed, 1 failed, 2 skipped`; without skipped tests they are not named. @param {Omit<Count, 'reasons'>} count */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
