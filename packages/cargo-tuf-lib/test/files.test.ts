import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import {
  createLocalFile,
  formatFloorFile,
  parseFloorFile,
  raiseFloorFile,
  readFloorFile,
  readLocalFile,
  writeLocalFile,
} from '@cargo-tuf/cargo-tuf-lib';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { flipped, temporaryFolder, utf8, write } from './world.ts';

let folder = '';

beforeEach(async () => {
  folder = await temporaryFolder();
});

describe('local files', () => {
  test('are read up to a limit', async () => {
    await write(`${folder}/a`, 'hello');
    expect(await readLocalFile(`${folder}/a`, 5)).toEqual(utf8('hello'));
    await expect(readLocalFile(`${folder}/a`, 4)).rejects.toMatchObject({ code: 'LIB_FILE' });
    expect(await readLocalFile(`${folder}/none`, 5)).toBeUndefined();
  });
  test('a pipe or a folder is refused at once', async () => {
    execFileSync('mkfifo', [`${folder}/pipe`]);
    await expect(readLocalFile(`${folder}/pipe`, 5)).rejects.toMatchObject({ code: 'LIB_FILE' });
    await expect(readLocalFile(folder, 5)).rejects.toMatchObject({ code: 'LIB_FILE' });
  });
  test('are written whole, in folders that are made, with nothing left behind', async () => {
    await writeLocalFile(`${folder}/x/y/a`, utf8('1'));
    await writeLocalFile(`${folder}/x/y/a`, utf8('2'));
    expect(await readFile(`${folder}/x/y/a`, 'utf8')).toBe('2');
    expect((await stat(`${folder}/x/y/a`)).mode & 0o777).toBe(0o600);
    expect((await stat(`${folder}/x`)).mode & 0o777).toBe(0o700);
    expect(await readdir(`${folder}/x/y`)).toEqual(['a']);
  });
  test('a link is replaced, not followed', async () => {
    await write(`${folder}/victim`, 'kept');
    await symlink(`${folder}/victim`, `${folder}/link`);
    await writeLocalFile(`${folder}/link`, utf8('other'));
    expect(await readFile(`${folder}/victim`, 'utf8')).toBe('kept');
    expect(await readFile(`${folder}/link`, 'utf8')).toBe('other');
  });
  test('many writers leave the bytes of one', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => writeLocalFile(`${folder}/a`, utf8(String(at).repeat(1000)))),
    );
    expect(new Set(await readFile(`${folder}/a`, 'utf8')).size).toBeLessThanOrEqual(2);
    expect(await readdir(folder)).toEqual(['a']);
  });
  test('are created once', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => createLocalFile(`${folder}/a`, utf8(String(at)))),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await readFile(`${folder}/a`, 'utf8')).toBe(String(made.indexOf(true)));
    expect(await readdir(folder)).toEqual(['a']);
  });
  test('what cannot be written is said', async () => {
    await write(`${folder}/file`, '');
    await mkdir(`${folder}/taken`);
    await write(`${folder}/taken/a`, '');
    for (const path of [`${folder}/file/a`, `${folder}/taken`])
      await expect(writeLocalFile(path, utf8('1'))).rejects.toMatchObject({ code: 'LIB_FILE' });
    expect((await readdir(folder)).sort()).toEqual(['file', 'taken']);
  });
});

describe('floor file', () => {
  const A = 'a'.repeat(64);
  const B = 'b'.repeat(64);
  const seen = (root: number, claims: number | undefined, tree: number | undefined) => ({
    root,
    claims,
    tree,
  });

  test('is made, raised, and never lowered', async () => {
    const path = `${folder}/Cargo.tuf.json`;
    expect(await readFloorFile(path)).toEqual(new Map());
    expect(await raiseFloorFile(path, A, seen(1, 3, 17))).toBe(true);
    expect(await readFloorFile(path)).toEqual(new Map([[A, { root: 1, claims: 3, tree: 17 }]]));
    expect(await raiseFloorFile(path, A, seen(1, 3, 17))).toBe(false);
    expect(await raiseFloorFile(path, A, seen(1, 2, 16))).toBe(false);
    expect(await raiseFloorFile(path, A, seen(2, 2, 16))).toBe(true);
    expect(await raiseFloorFile(path, B, seen(5, undefined, undefined))).toBe(true);
    expect(await raiseFloorFile(path, B, seen(4, undefined, undefined))).toBe(false);
    expect(await readFloorFile(path)).toEqual(
      new Map([
        [A, { root: 2, claims: 3, tree: 17 }],
        [B, { root: 5 }],
      ]),
    );
    expect((await stat(path)).mode & 0o444).toBe(0o444);
  });
  test('only raises, whatever comes', async () => {
    const path = `${folder}/Cargo.tuf.json`;
    const version = fc.nat(50);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(version, version, version), { maxLength: 8 }), async steps => {
        let [root, claims, tree] = [0, 0, 0];
        const before = (await readFloorFile(path)).get(A);
        [root, claims, tree] = [before?.root ?? 0, before?.claims ?? 0, before?.tree ?? 0];
        for (const [r, c, t] of steps) {
          await raiseFloorFile(path, A, seen(r, c, t));
          [root, claims, tree] = [Math.max(root, r), Math.max(claims, c), Math.max(tree, t)];
          expect((await readFloorFile(path)).get(A)).toEqual({ root, claims, tree });
        }
      }),
      { numRuns: 20 },
    );
  });
  test('what is written is read, in one order', () => {
    const floors = new Map([
      [B, { tree: 2 ** 53 - 1 }],
      [A, { tree: 17, root: 1, claims: 3 }],
    ]);
    const bytes = formatFloorFile(floors);
    expect(parseFloorFile(bytes, 'f')).toEqual(floors);
    expect(formatFloorFile(new Map([...floors].reverse()))).toEqual(bytes);
  });
  test('damage of any bit never gives an error of another kind', () => {
    const bytes = formatFloorFile(new Map([[A, { root: 1, claims: 3, tree: 17 }]]));
    for (const damaged of flipped(bytes)) {
      try {
        parseFloorFile(damaged, 'f');
      } catch (error) {
        expect(error).toMatchObject({ code: 'LIB_FLOOR_FILE', details: { local: true } });
      }
    }
  });
  test('every truncation is refused', () => {
    const bytes = formatFloorFile(new Map([[A, { root: 1, claims: 3, tree: 17 }]]));
    for (let length = 0; length < bytes.length - 1; length++)
      expect(() => parseFloorFile(bytes.subarray(0, length), 'f')).toThrow(
        expect.objectContaining({ code: 'LIB_FLOOR_FILE' }),
      );
  });
  test.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['another format', '{"format":2,"floors":{}}'],
    ['no format', '{"floors":{}}'],
    ['no floors', '{"format":1}'],
    ['more than floors', '{"format":1,"floors":{},"more":1}'],
    ['floors twice', '{"format":1,"floors":{},"floors":{}}'],
    ['a list of floors', '{"format":1,"floors":[]}'],
    ['a short id', `{"format":1,"floors":{"${'a'.repeat(63)}":{}}}`],
    ['an id in capitals', `{"format":1,"floors":{"${'A'.repeat(64)}":{}}}`],
    ['an unknown member', `{"format":1,"floors":{"${'a'.repeat(64)}":{"trees":1}}}`],
    ['a text', `{"format":1,"floors":{"${'a'.repeat(64)}":{"tree":"1"}}}`],
    ['below zero', `{"format":1,"floors":{"${'a'.repeat(64)}":{"tree":-1}}}`],
    ['a fraction', `{"format":1,"floors":{"${'a'.repeat(64)}":{"tree":1.5}}}`],
    ['beyond 2^53', `{"format":1,"floors":{"${'a'.repeat(64)}":{"tree":9007199254740993}}}`],
    ['a member twice', `{"format":1,"floors":{"${'a'.repeat(64)}":{"tree":9,"tree":1}}}`],
    ['no object', `{"format":1,"floors":{"${'a'.repeat(64)}":17}}`],
  ])('%s is refused, and is not overwritten', async (_, text) => {
    const path = await write(`${folder}/Cargo.tuf.json`, text);
    const damaged = { code: 'LIB_FLOOR_FILE', kind: 'malformed', details: { local: true } };
    await expect(readFloorFile(path)).rejects.toMatchObject(damaged);
    await expect(raiseFloorFile(path, 'a'.repeat(64), seen(9, 9, 9))).rejects.toMatchObject(damaged);
    expect(await readFile(path, 'utf8')).toBe(text);
  });
  test('a file that cannot be read is no empty file', async () => {
    const path = `${folder}/Cargo.tuf.json`;
    await mkdir(path);
    await expect(readFloorFile(path)).rejects.toMatchObject({ code: 'LIB_FILE' });
    const long = await write(`${folder}/long`, ' '.repeat(65_537));
    await chmod(long, 0o600);
    await expect(readFloorFile(long)).rejects.toMatchObject({ code: 'LIB_FILE' });
  });
});
