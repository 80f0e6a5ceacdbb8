// @ts-check
import { spawn } from 'node:child_process';

/** A step that failed, told in one sentence; its output stands above it. */
export class StepError extends Error {}

/**
 * Runs a program to its end; gives its exit code. `show`: its output appears as it comes. Otherwise the output goes to
 * `collect`, and nothing is shown.
 * @param {string} program
 * @param {readonly string[]} words
 * @param {{ cwd: string, environment: NodeJS.ProcessEnv, show?: boolean, collect?: (text: string) => void }} options
 * @returns {Promise<number>}
 */
export function run(program, words, { cwd, environment, show = false, collect = () => {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd,
      env: environment,
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', collect);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal) collect(`\nended by ${signal}\n`);
      resolve(code ?? 1);
    });
  });
}

/**
 * Runs a program quietly. Its output is shown when it fails, and the step with it.
 * @param {string} step
 * @param {string} program
 * @param {readonly string[]} words
 * @param {{ cwd: string, environment: NodeJS.ProcessEnv }} options
 */
export async function runQuietly(step, program, words, options) {
  let output = '';
  const started = Date.now();
  const code = await run(program, words, { ...options, collect: text => (output += text) });
  if (code !== 0) {
    process.stdout.write(output);
    throw new StepError(`${step}: ${program} ended with code ${code}, expected 0`);
  }
  console.log(`${step}: ok (${seconds(started)})`);
}

/** @param {number} started */
export function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
