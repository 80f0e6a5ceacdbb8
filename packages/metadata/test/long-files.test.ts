// A list of targets that stays in its tree says what a short one says.

import { encodeJson, type JsonObject, parseJson } from '@cargo-tuf/canonical-json';
import {
  formatSnapshot,
  formatTargets,
  parseSnapshot,
  parseTargets,
  type TargetFile,
} from '@cargo-tuf/metadata';
import { expect, it } from 'vitest';

const hashes = new Map([['sha256', 'ab'.repeat(32)]]);
const fileAt = (at: number): TargetFile =>
  at % 3 === 0 ? { length: at, hashes, custom: new Map([['at', at]]) } : { length: at, hashes };
/** The same with Maps: what is read of a long list is a ReadonlyMap of another kind. */
const plain = ({ length, hashes: read, custom }: TargetFile): TargetFile => ({
  length,
  hashes: new Map(read),
  ...(custom && { custom: new Map(custom) }),
});
const listOf = (count: number) =>
  new Map(Array.from({ length: count }, (_, at) => [`p/${at}`, fileAt(at)] as const));

function treeOf(targets: ReadonlyMap<string, TargetFile>): JsonObject {
  const role = { version: 1, expires: 0, repository: undefined, delegations: undefined, map: undefined };
  return parseJson(encodeJson(formatTargets({ ...role, targets }))) as JsonObject;
}

it.each([999, 1_000, 1_001])('of %d targets', count => {
  const list = listOf(count);
  const { targets } = parseTargets(treeOf(list));
  expect(targets.size).toBe(count);
  expect(new Map(Array.from(targets, ([path, file]) => [path, plain(file)]))).toEqual(list);
  expect([...targets.keys()]).toEqual([...list.keys()]);
  expect([...targets.values()].map(plain)).toEqual([...list.values()]);
  expect(Array.from(targets.entries(), ([path, file]) => [path, plain(file)])).toEqual([...list]);
  const visited: unknown[] = [];
  targets.forEach((file, path) => visited.push([path, plain(file)]));
  expect(visited).toEqual([...list]);
  expect(plain(targets.get('p/7') as TargetFile)).toEqual(fileAt(7));
  for (const path of ['p/1002', '', 'constructor', '__proto__']) {
    expect(targets.get(path)).toBeUndefined();
    expect(targets.has(path)).toBe(false);
  }
});

it('of which one is wrong is refused when it is read, wherever it stands', () => {
  for (const at of [0, 500, 1_000]) {
    for (const wrong of [new Map(), new Map([['length', 1]]), 1, null, new Map([['length', -1]])]) {
      const tree = new Map(treeOf(listOf(1_001)));
      tree.set('targets', new Map(tree.get('targets') as JsonObject).set(`p/${at}`, wrong));
      expect(() => parseTargets(tree)).toThrow(expect.objectContaining({ code: 'METADATA_SHAPE' }));
    }
  }
});

it('of metadata in a snapshot', () => {
  const meta = new Map([['targets.json', { version: 1 }]]);
  for (let at = 0; at < 1_001; at++) meta.set(`bin-${at}.json`, { version: at + 1 });
  const snapshot = { version: 1, expires: 0, repository: undefined, meta };
  const tree = parseJson(encodeJson(formatSnapshot(snapshot))) as JsonObject;
  expect(new Map(parseSnapshot(tree).meta)).toEqual(meta);
  for (const [name, wrong] of [
    ['bin-7.json', new Map([['version', 0]])],
    ['bin-1000.json', new Map()],
    ['bin-7', new Map([['version', 1]])],
  ] as const) {
    const changed = new Map(tree).set('meta', new Map(tree.get('meta') as JsonObject).set(name, wrong));
    expect(() => parseSnapshot(changed)).toThrow(expect.objectContaining({ code: 'METADATA_SHAPE' }));
  }
});
