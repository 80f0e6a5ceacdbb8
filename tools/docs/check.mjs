// @ts-check
// Checks what the documents promise: examples run, links lead somewhere, an error code has one owner, and no file
// names a machine. Needs the JavaScript that `turbo run build` makes.
import { execFileSync } from 'node:child_process';
import { ROOT } from '../setup/environment.mjs';
import { repeatedCodes } from './error-codes.mjs';
import { failingExamples } from './examples.mjs';
import { forbiddenText } from './forbidden-text.mjs';
import { brokenLinks } from './links.mjs';

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: 1 << 26,
})
  .split('\0')
  .filter(name => name !== '');

const problems = [
  ...brokenLinks(files),
  ...repeatedCodes(files),
  ...forbiddenText(files),
  ...(await failingExamples(files)),
];
for (const problem of problems) console.error(`docs: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
