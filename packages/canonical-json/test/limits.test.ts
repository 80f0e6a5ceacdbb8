import { parseJson } from '@cargo-tuf/canonical-json';
import { describe, expect, it } from 'vitest';

const encode = (text: string) => new TextEncoder().encode(text);
const limit = expect.objectContaining({ code: 'JSON_LIMIT' });

describe('limits: at the limit is read, one more is refused', () => {
  it('depth', () => {
    expect(parseJson(encode('[[1]]'), { depth: 2 })).toEqual([[1]]);
    expect(() => parseJson(encode('[[[1]]]'), { depth: 2 })).toThrow(limit);
    expect(() => parseJson(encode('[[{}]]'), { depth: 2 })).toThrow(limit);
  });

  it('depth is not what was seen, but what is open', () => {
    expect(parseJson(encode('[[],{},[]]'), { depth: 2 })).toHaveLength(3);
  });

  it('members of an array and of an object', () => {
    expect(parseJson(encode('[1,2]'), { members: 2 })).toEqual([1, 2]);
    expect(() => parseJson(encode('[1,2,3]'), { members: 2 })).toThrow(limit);
    expect(parseJson(encode('{"a":1,"b":2}'), { members: 2 })).toHaveProperty('size', 2);
    expect(() => parseJson(encode('{"a":1,"b":2,"c":3}'), { members: 2 })).toThrow(limit);
  });

  it('nodes', () => {
    expect(parseJson(encode('[1,[2]]'), { nodes: 4 })).toEqual([1, [2]]);
    expect(() => parseJson(encode('[1,[2,3]]'), { nodes: 4 })).toThrow(limit);
  });

  it.each([
    ['abcdef', 6],
    ['éé', 4],
    ['€€', 6],
    ['🦀', 4],
    [String.raw`\u0061`, 6],
  ])('bytes of the string %j', (text, bytes) => {
    expect(parseJson(encode(`"${text}"`), { stringBytes: bytes })).toBeTypeOf('string');
    expect(() => parseJson(encode(`"${text}"`), { stringBytes: bytes - 1 })).toThrow(limit);
    expect(() => parseJson(encode(`{"${text}":1}`), { stringBytes: bytes - 1 })).toThrow(limit);
  });

  it('the defaults', () => {
    const values = (count: number) => encode(`[${'1,'.repeat(count - 1)}1]`);
    expect(parseJson(values(100_000))).toHaveLength(100_000);
    expect(() => parseJson(values(100_001))).toThrow(limit);
    expect(parseJson(encode(`"${'x'.repeat(65_536)}"`))).toHaveLength(65_536);
    expect(() => parseJson(encode(`"${'x'.repeat(65_537)}"`))).toThrow(limit);
  });
});
