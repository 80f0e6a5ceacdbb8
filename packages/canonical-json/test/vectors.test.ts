import { readFileSync } from 'node:fs';
import { encodeCanonical, encodeJson, parseJson } from '@cargo-tuf/canonical-json';
import { describe, expect, it } from 'vitest';

interface Vector {
  readonly description: string;
  readonly input?: string;
  readonly input_hex?: string;
  readonly input_repeat?: readonly [string, number];
  readonly canonical_hex?: string;
  readonly expect: string;
}

const file = new URL('../../../test-vectors/canonical-json/parse.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

function inputOf(vector: Vector): Uint8Array {
  if (vector.input_hex !== undefined) return new Uint8Array(Buffer.from(vector.input_hex, 'hex'));
  const [text, count] = vector.input_repeat ?? [vector.input ?? '', 1];
  return new TextEncoder().encode(text.repeat(count));
}

describe('test-vectors/canonical-json/parse.json', () => {
  it.each(vectors.map(vector => [vector.description, vector] as const))('%s', (_, vector) => {
    const input = inputOf(vector);
    if (vector.expect !== 'ok') {
      expect(() => parseJson(input)).toThrow(expect.objectContaining({ code: vector.expect }));
      return;
    }
    const value = parseJson(input);
    expect(Buffer.from(encodeCanonical(value)).toString('hex')).toBe(vector.canonical_hex);
    expect(parseJson(encodeJson(value))).toEqual(value);
  });

  it('has cases of every code', () => {
    expect([...new Set(vectors.map(vector => vector.expect))].sort()).toEqual([
      'JSON_DUPLICATE_KEY',
      'JSON_ENCODING',
      'JSON_LIMIT',
      'JSON_NUMBER',
      'JSON_SURROGATE',
      'JSON_SYNTAX',
      'JSON_TRAILING',
      'ok',
    ]);
  });
});
