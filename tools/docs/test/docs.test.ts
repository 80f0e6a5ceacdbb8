import { describe, expect, it } from 'vitest';
import { codesOf } from '../error-codes.mjs';
import { firstBlock, runExample } from '../examples.mjs';
import { findForbidden } from '../forbidden-text.mjs';
import { anchorsOf, linksOf } from '../links.mjs';

const FOLDER = new URL('..', import.meta.url).pathname;

describe('an example', () => {
  it('passes when it reaches its end, whatever exit code it sets', async () => {
    expect(await runExample('const n: number = 1;\nprocess.exitCode = n + 2;\n', FOLDER)).toBeUndefined();
  });

  it('fails when it throws', async () => {
    expect(await runExample("throw new Error('broken');\n", FOLDER)).toContain('before its last line');
  });

  it('fails when it ends early or waits for ever', async () => {
    expect(await runExample('process.exit(0);\n', FOLDER)).toContain('before its last line');
    expect(await runExample('await new Promise(() => {});\n', FOLDER)).toContain('before its last line');
  });

  it('fails when something throws after its last line', async () => {
    const late = "setTimeout(() => { throw new Error('late'); }, 10);\n";
    expect(await runExample(late, FOLDER)).toContain('after its last line');
  });

  it('fails when an import does not resolve', async () => {
    expect(await runExample("import { a } from '@cargo-tuf/nowhere';\na();\n", FOLDER)).toContain('nowhere');
  });

  it('is the first block of the file', () => {
    expect(firstBlock('# a\n\n```sh\nls\n```\n\n```ts\none();\n```\n\n```ts\ntwo();\n```\n')).toBe(
      'one();\n',
    );
    expect(firstBlock('# a\n')).toBeUndefined();
  });
});

it('links are read outside of code, without those to other places', () => {
  const text = '[a](b.md#c) [d](https://example.org) `[e](f)`\n```\n[g](h)\n```\n![i](j.png)\n';
  expect(linksOf(text)).toEqual(['b.md#c', 'j.png']);
});

it('headings give anchors', () => {
  expect(anchorsOf('# A title\n## 2.1 What we add\n')).toEqual(new Set(['a-title', '21-what-we-add']));
});

it('codes are read from a table', () => {
  expect(codesOf("const TABLE = {\n  KEY_HEX: { kind: 'malformed' },\n  KEY_B: {\n")).toEqual([
    'KEY_HEX',
    'KEY_B',
  ]);
});

it('forbidden text is found with its line, and a longer path is none', () => {
  const folder = ['', 'home', ''].join('/');
  expect(findForbidden(`a\n"${folder}someone"\n`)).toEqual([`2: ${folder}: a path of one machine`]);
  expect(findForbidden(`packages${folder}someone\n`)).toEqual([]);
  const host = ['registry', 'npmjs', 'org'].join('.');
  expect(findForbidden(`https://${host}/a\n`)).toEqual([`1: ${host}: the host of a package registry`]);
});
