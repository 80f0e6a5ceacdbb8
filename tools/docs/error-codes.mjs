// @ts-check
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../setup/environment.mjs';

const ROW = /^ {2}([A-Z][A-Z0-9_]*): \{/gm;

/** Error codes that stand in the tables of two packages. @param {readonly string[]} files */
export function repeatedCodes(files) {
  const tables = files.filter(name => /^(packages|apps)\/[^/]+\/src\/errors\.ts$/.test(name));
  /** @type {Map<string, string>} */
  const owners = new Map();
  const problems = [];
  for (const name of tables) {
    const codes = codesOf(readFileSync(resolve(ROOT, name), 'utf8'));
    if (codes.length === 0) problems.push(`${name}: no error code was found in its table`);
    for (const code of codes) {
      const owner = owners.get(code);
      if (owner !== undefined) problems.push(`${name}: ${code} also stands in ${owner}`);
      owners.set(code, name);
    }
  }
  return problems;
}

/** The rows of a table as the formatter writes them. @param {string} source */
export function codesOf(source) {
  return [...source.matchAll(ROW)].map(match => match[1] ?? '');
}
