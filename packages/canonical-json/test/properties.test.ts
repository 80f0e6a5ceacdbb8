import {
  encodeCanonical,
  encodeJson,
  isJsonObject,
  type JsonValue,
  parseJson,
  parseSignedJson,
} from '@cargo-tuf/canonical-json';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const integer = fc.maxSafeInteger().map(value => (Object.is(value, -0) ? 0 : value));
const { value: json } = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    integer,
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.tuple(text, tie('value')), { maxLength: 5, selector: ([key]) => key })
      .map(entries => new Map(entries)),
  ),
}));

describe('properties', () => {
  it('encodeJson is undone by parseJson, with and without indent', () => {
    fc.assert(
      fc.property(json, fc.integer({ min: 0, max: 4 }), (value, indent) => {
        expect(parseJson(encodeJson(value, { indent }))).toEqual(value);
      }),
    );
  });

  it('parseSignedJson gives the canonical form of one member, however it is written', () => {
    const around = fc.constantFrom(' ', '', '\n');
    fc.assert(
      fc.property(json, json, fc.boolean(), around, around, (value, other, isSorted, before, after) => {
        const write = (part: JsonValue) => Buffer.from(encodeJson(part, { sorted: isSorted })).toString();
        const file = `{"a":${write(other)},"signed"${before}:${after}${write(value)}${before},"signed2":${write(value)}}`;
        const read = parseSignedJson(Buffer.from(file), 'signed');
        expect(read.canonical).toEqual(encodeCanonical(value));
        expect(read.value).toEqual(parseJson(Buffer.from(file)));
        expect(parseSignedJson(Buffer.from(file), 'absent').canonical).toBeUndefined();
        const inner = Buffer.from(`{"x":${file}}`);
        expect(parseSignedJson(inner, 'signed').canonical).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['as the canonical form', '{"a":1,"b":"\\"\\\\"}'],
    ['with blanks', '{"a": 1}'],
    ['with a blank before the end', '{"a":1 }'],
    ['with keys in another order', '{"b":1,"a":2}'],
    ['with keys in the order of UTF-16', '{"\u{1f600}":1,"\uff5e":2}'],
    ['with an escape that is none there', '{"a":"\\/"}'],
    ['with a line break', '{"a":"\\n"}'],
    ['with quotes in digits', '{"a":"\\u0022"}'],
    ['with characters of two bytes', '{"a":"\u00e9"}'],
    ['deep inside out of order', '{"a":[{"d":[{"b":1,"a":1}]}]}'],
  ])('parseSignedJson: %s', (_, text) => {
    const file = Buffer.from(`{"signatures": [ ],"signed":${text}}`);
    expect(parseSignedJson(file, 'signed').canonical).toEqual(encodeCanonical(parseJson(Buffer.from(text))));
  });

  it('sorted writing is the canonical form where both are the same', () => {
    const plain: JsonValue = new Map<string, JsonValue>([
      [
        'b',
        [
          1,
          new Map([
            ['d', true],
            ['c', null],
          ]),
        ],
      ],
      ['a', '"\\'],
    ]);
    expect(encodeJson(plain, { sorted: true })).toEqual(encodeCanonical(plain));
    expect(parseJson(encodeJson(plain, { sorted: true, indent: 1 }))).toEqual(plain);
  });

  it('the order of keys in a file does not change the canonical form', () => {
    fc.assert(
      fc.property(json, value => {
        expect(encodeCanonical(reversed(value))).toEqual(encodeCanonical(value));
      }),
    );
  });

  it('two values with one canonical form are equal', () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        const same = Buffer.compare(encodeCanonical(left), encodeCanonical(right)) === 0;
        expect(same).toBe(isDeepStrictEqual(sorted(left), sorted(right)));
      }),
    );
  });

  it('keys come in the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(text, { maxLength: 20 }), keys => {
        const canonical = encodeCanonical(new Map(keys.map(key => [key, null])));
        const ordered = keys.map(key => Buffer.from(key)).sort(Buffer.compare);
        const expected = ordered.map(
          key => `${Buffer.from(encodeCanonical(key.toString())).toString()}:null`,
        );
        expect(Buffer.from(canonical).toString()).toBe(`{${expected.join(',')}}`);
      }),
    );
  });

  it('reads what JSON.parse reads, where the documents are in the domain', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (value, pretty) => {
        const written = JSON.stringify(plain(value), null, pretty ? 2 : 0);
        expect(plain(parseJson(new TextEncoder().encode(written)))).toEqual(plain(value));
      }),
    );
  });

  it('never throws anything but its own errors', () => {
    const soup = fc.array(
      fc.constantFrom(...Array.from('{}[]",:\\u0d8fetrualsn-.19 \n'), '\ud83d\ude00', '\\ud800', '\ufeff'),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(soup, pieces => {
        try {
          const value = parseJson(new TextEncoder().encode(pieces.join('')));
          expect(parseJson(encodeJson(value))).toEqual(value);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^JSON_/) });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('bytes', () => {
  const document = new TextEncoder().encode('{"a":[1,-20,true,null],"\\u00e9b":{"c":"d\\n\\ud83e\\udd80é"}}');

  it('every cut is refused', () => {
    for (let length = 0; length < document.length; length += 1) {
      expect(() => parseJson(document.slice(0, length))).toThrow(
        expect.objectContaining({ name: 'TufError' }),
      );
    }
  });

  it('every flipped bit is refused or changes the meaning in the canonical form', () => {
    const before = Buffer.from(encodeCanonical(parseJson(document))).toString('hex');
    for (let bit = 0; bit < document.length * 8; bit += 1) {
      const damaged = document.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let after: string | undefined;
      try {
        after = Buffer.from(encodeCanonical(parseJson(damaged))).toString('hex');
      } catch (error) {
        expect(error).toMatchObject({ name: 'TufError' });
      }
      // A hex digit of an escape in another case means the same; nothing else does.
      if (after === before) {
        expect(Buffer.from(damaged).toString().toLowerCase()).toBe(Buffer.from(document).toString());
      }
    }
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return new Map([...value].reverse().map(([key, member]) => [key, reversed(member)]));
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return new Map(
    [...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
  );
}

function plain(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, member] of value)
    Object.defineProperty(object, key, { value: plain(member), enumerable: true });
  return object;
}
