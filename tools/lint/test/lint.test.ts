// Plants each thing that the sources of a package may not hold, and looks for the rule that refuses it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = new URL('../../..', import.meta.url).pathname;
const PLANTED: readonly (readonly [rule: string, source: string])[] = [
  ['no-restricted-properties', 'export const a: unknown = JSON.parse("1");\n'],
  ['no-restricted-properties', 'export const a = Date.parse("2026");\n'],
  ['no-restricted-imports', 'import { join } from "node:path";\nexport const a = join("b", "c");\n'],
  ['no-restricted-properties', 'import path from "node:path";\nexport const a = path.join("b", "c");\n'],
  ['cargo-tuf(no-lenient-date)', 'export const a = new Date(5);\n'],
  ['cargo-tuf(no-lenient-decoding)', 'export const a = Buffer.from("00", "hex");\n'],
  ['cargo-tuf(no-lenient-decoding)', 'export const a = Buffer.from("00", "base64");\n'],
  ['cargo-tuf(no-built-reg-exp)', 'export const a = (b: string) => new RegExp(b);\n'],
  ['no-explicit-any', 'export const a = (b: any): unknown => b;\n'],
  ['no-console', 'console.log("a");\n'],
];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/lint-`);
  mkdirSync(`${folder}/packages/planted/src`, { recursive: true });
  mkdirSync(`${folder}/tools/lint`, { recursive: true });
  // A repository of its own: what an outer one ignores is linted here.
  mkdirSync(`${folder}/.git`);
  for (const name of ['.oxlintrc.json', 'tools/lint/plugin.mjs'])
    copyFileSync(ROOT + name, `${folder}/${name}`);
  symlinkSync(`${ROOT}node_modules`, `${folder}/node_modules`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(PLANTED)('%s refuses %j', (rule, source) => {
  expect(lint(source)).toContain(rule);
});

it('a clean file passes, and so does what only looks alike', () => {
  expect(lint('export const a = [new Date(), Buffer.from("x", "latin1"), ["b"].join(""), /a/u];\n')).toBe('');
});

function lint(source: string): string {
  writeFileSync(`${folder}/packages/planted/src/planted.ts`, source);
  const { status, stdout } = spawnSync(`${ROOT}node_modules/.bin/oxlint`, ['--format=unix', 'packages'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return status === 0 ? '' : stdout;
}
