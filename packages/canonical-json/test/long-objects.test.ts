import {
  encodeCanonical,
  encodeJson,
  isJsonObject,
  type JsonObject,
  parseJson,
} from '@cargo-tuf/canonical-json';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const COUNT = 1_002;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads `text` as the last of many members of an object. */
function readLast(text: string): JsonObject {
  const members = Array.from({ length: COUNT }, (_, at) => `"${at}":{"version":${at}}`);
  const tree = parseJson(utf8(`{${members.join(',')},"last":${text}}`));
  const last = isJsonObject(tree) ? tree.get('last') : undefined;
  if (!isJsonObject(last)) throw new Error('not an object');
  return last;
}

it('holds what a short one does', () => {
  const object = fc.dictionary(
    fc.string(),
    fc.oneof(fc.integer(), fc.string(), fc.dictionary(fc.string(), fc.boolean(), { maxKeys: 4 })),
    { maxKeys: 4 },
  );
  fc.assert(
    fc.property(object, fc.string(), (given, absent) => {
      const text = JSON.stringify(given);
      const last = readLast(text);
      const short = parseJson(utf8(text)) as JsonObject;
      expect(isJsonObject(last)).toBe(true);
      expect(encodeJson(last)).toEqual(encodeJson(short));
      expect(encodeCanonical(last)).toEqual(encodeCanonical(short));
      expect(last.size).toBe(short.size);
      expect([...last.keys()]).toEqual([...short.keys()]);
      expect([...last.values()].length).toBe(short.size);
      const seen: string[] = [];
      last.forEach((value, key, all) => {
        expect(all).toBe(last);
        expect(value).toBe(last.get(key));
        seen.push(key);
      });
      expect(seen).toEqual([...short.keys()]);
      for (const key of short.keys()) expect(last.has(key)).toBe(true);
      expect(last.has(absent)).toBe(short.has(absent));
      expect(last.get(absent) === undefined).toBe(!short.has(absent));
    }),
    { numRuns: 200 },
  );
});

it.each([
  '{"a":1,"a":2}',
  '{"a":1,"b":2,"b":3}',
  '{"a":1,"b":2,"a":3}',
  '{"":1,"":1}',
  '{"a":{"b":1,"b":1}}',
])('refuses %s', text => {
  expect(() => readLast(text)).toThrow(expect.objectContaining({ code: 'JSON_DUPLICATE_KEY' }));
});

it('is over where the long object ends', () => {
  const members = Array.from({ length: COUNT }, (_, at) => `"${at}":{}`);
  const tree = parseJson(utf8(`{"long":{${members.join(',')}},"after":{"a":{"b":1}}}`)) as JsonObject;
  expect(tree.get('after')).toEqual(new Map([['a', new Map([['b', 1]])]]));
});
