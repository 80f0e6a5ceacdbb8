// @ts-check
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../setup/environment.mjs';

// Written in pieces, so that this file does not hold what it looks for.
const FORBIDDEN = [
  ...['work', 'root', 'home'].map(folder => ({ pattern: `/${folder}/`, reason: 'a path of one machine' })),
  ...['registry.npmjs', 'deb.debian'].map(host => ({
    pattern: `${host}.org`,
    reason: 'the host of a package registry',
  })),
];

const TEXT = /\.(ts|mjs|js|json|md|txt|yaml|yml|toml|sh)$|(^|\/)(run|\.npmrc|\.gitignore|\.editorconfig)$/;

/** Lines that hold what no file of the project may. @param {readonly string[]} files */
export function forbiddenText(files) {
  return files
    .filter(
      name =>
        TEXT.test(name) && existsSync(resolve(ROOT, name)) && statSync(resolve(ROOT, name)).size < 1 << 22,
    )
    .flatMap(name =>
      findForbidden(readFileSync(resolve(ROOT, name), 'utf8')).map(found => `${name}:${found}`),
    );
}

/** @param {string} text @returns {readonly string[]} `12: /x/: a path of one machine` */
export function findForbidden(text) {
  return FORBIDDEN.flatMap(({ pattern, reason }) =>
    text
      .split('\n')
      .flatMap((line, index) => (holds(line, pattern) ? [`${index + 1}: ${pattern}: ${reason}`] : [])),
  );
}

/** A path of the machine begins with its slash: `packages/work/x` is none. @param {string} line @param {string} pattern */
function holds(line, pattern) {
  for (let at = line.indexOf(pattern); at >= 0; at = line.indexOf(pattern, at + 1)) {
    if (!pattern.startsWith('/') || !/[\w.}~$*-]/.test(line[at - 1] ?? '')) return true;
  }
  return false;
}
