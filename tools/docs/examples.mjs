// @ts-check
// Runs the first ```ts block of each package's README as a module in the package's own folder, so that its imports
// resolve as a user's do: through package.json, to dist. Only a private package may do without an example.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../setup/environment.mjs';

const TIME_LIMIT = 60_000;

/** @param {readonly string[]} files @returns {Promise<readonly string[]>} */
export async function failingExamples(files) {
  const problems = [];
  for (const file of files.filter(name => /^packages\/[^/]+\/README\.md$/.test(name))) {
    const folder = resolve(ROOT, dirname(file));
    const block = firstBlock(readFileSync(resolve(ROOT, file), 'utf8'));
    if (block === undefined && isPrivate(folder)) continue;
    const problem = block === undefined ? 'has no ts block' : await runExample(block, folder);
    if (problem !== undefined) problems.push(`${file}: ${problem}`);
  }
  return problems;
}

/** @param {string} folder */
function isPrivate(folder) {
  return JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')).private === true;
}

/** @param {string} markdown */
export function firstBlock(markdown) {
  return /^```ts\n(.*?)^```$/ms.exec(markdown)?.[1];
}

/**
 * Gives what went wrong, or nothing. An example may set the exit code of its process: only an uncaught error or a
 * promise that never settles is wrong.
 * @param {string} source
 * @param {string} folder
 * @returns {Promise<string | undefined>}
 */
export function runExample(source, folder) {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  return new Promise(done => {
    const child = spawn(process.execPath, ['--input-type=module', '-'], { cwd: folder, timeout: TIME_LIMIT });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', text => (output += text));
    child.on('close', (code, signal) => {
      if (signal) done(`the example ran longer than ${TIME_LIMIT / 1000} s`);
      else if (!output.includes(REACHED))
        done(`the example ended with code ${code} before its last line\n${output}`);
      else if (UNCAUGHT.test(output)) done(`the example failed after its last line\n${output}`);
      else done(undefined);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(`${outputText}\nconsole.log(${JSON.stringify(REACHED)});\n`);
  });
}

const REACHED = '(the end of the example)';
const UNCAUGHT = /^Node\.js v\d/m;
