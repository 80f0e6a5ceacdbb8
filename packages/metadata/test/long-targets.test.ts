// A list of targets that stays in its tree says what a short one says.

import { encodeJson, type JsonObject, parseJson } from '@cargo-tuf/canonical-json';
import { formatTargets, parseTargets, type TargetFile } from '@cargo-tuf/metadata';
import { expect, it } from 'vitest';

const hashes = new Map([['sha256', 'ab'.repeat(32)]]);
const fileAt = (at: number): TargetFile =>
  at % 3 === 0 ? { length: at, hashes, custom: new Map([['at', at]]) } : { length: at, hashes };
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
  expect(new Map(targets)).toEqual(list);
  expect([...targets.keys()]).toEqual([...list.keys()]);
  expect([...targets.values()]).toEqual([...list.values()]);
  expect([...targets.entries()]).toEqual([...list]);
  const visited: unknown[] = [];
  targets.forEach((file, path) => visited.push([path, file]));
  expect(visited).toEqual([...list]);
  expect(targets.get('p/7')).toEqual(fileAt(7));
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
