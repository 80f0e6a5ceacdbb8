import {
  encodeCanonical,
  encodeJson,
  isJsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { describe, expect, it } from 'vitest';

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const misuse = expect.objectContaining({ code: 'JSON_VALUE', kind: 'misuse' });

describe('encodeJson', () => {
  const value: JsonValue = new Map<string, JsonValue>([
    ['b', [1, 'x\n\u0001"\\']],
    ['a', new Map()],
    ['c', []],
  ]);

  it('keeps the order of the Map', () => {
    expect(decode(encodeJson(value))).toBe('{"b":[1,"x\\n\\u0001\\"\\\\"],"a":{},"c":[]}');
  });

  it('indents, and ends with a newline', () => {
    expect(decode(encodeJson(value, { indent: 2 }))).toBe(
      '{\n  "b": [\n    1,\n    "x\\n\\u0001\\"\\\\"\n  ],\n  "a": {},\n  "c": []\n}\n',
    );
  });
});

describe('both writers refuse what the form cannot hold', () => {
  const cyclic: JsonValue[] = [];
  cyclic.push(cyclic);
  const values: readonly (readonly [string, unknown])[] = [
    ['a fraction', 0.5],
    ['minus zero', -0],
    ['2^53', 2 ** 53],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['half of a pair at the end', 'a\ud800'],
    ['half of a pair before a letter', '\ud800a'],
    ['a low half', '\udc00'],
    ['a half in a key', new Map([['\ud800', 1]])],
    ['undefined', undefined],
    ['a hole in an array', [undefined]],
    ['a plain object', { a: 1 }],
    ['bytes', new Uint8Array(1)],
    ['a bigint', 1n],
    ['an array that holds itself', cyclic],
  ];
  it.each(values)('%s', (_, value) => {
    expect(() => encodeCanonical(value as JsonValue)).toThrow(misuse);
    expect(() => encodeJson(value as JsonValue)).toThrow(misuse);
  });
});

describe('errors', () => {
  it('carry the offset in bytes, not in characters', () => {
    const bytes = new TextEncoder().encode('["é🦀",x]');
    expect(() => parseJson(bytes)).toThrow(expect.objectContaining({ details: { offset: 10 } }));
  });

  it('point at the second of two equal keys', () => {
    const bytes = new TextEncoder().encode('{"a":1, "a":2}');
    expect(() => parseJson(bytes)).toThrow(expect.objectContaining({ details: { offset: 8 } }));
  });
});

describe('isJsonObject', () => {
  it('is true for Maps alone', () => {
    expect(isJsonObject(new Map())).toBe(true);
    for (const value of [undefined, null, [], 'x', 1, true]) expect(isJsonObject(value)).toBe(false);
  });
});
