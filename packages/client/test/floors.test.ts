import { type Floors, formatFloors, NO_FLOORS, parseFloors, raiseFloors } from '@cargo-tuf/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from './world.ts';

const HASH = '9f'.repeat(32);
const FLOORS: Floors = {
  tree: 17,
  claims: 3,
  clock: 1_795_219_200_000,
  leaves: new Map([
    ['itoa', `17:${HASH}`],
    ['ryu', `9:${HASH}`],
  ]),
};
const TEXT = `{"claims":3,"clock":1795219200000,"format":1,"leaves":{"itoa":"17:${HASH}","ryu":"9:${HASH}"},"tree":17}`;
const encode = (text: string) => new TextEncoder().encode(text);
const refuses = (text: string) => codeOf(() => parseFloors(encode(text)));

const natural = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const leaf = fc
  .tuple(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.constantFrom(HASH, '00'.repeat(32)))
  .map(([version, hash]) => `${version}:${hash}`);
const floors: fc.Arbitrary<Floors> = fc.record({
  tree: natural,
  claims: natural,
  clock: natural,
  leaves: fc
    .array(fc.tuple(fc.constantFrom('itoa', 'ryu', 'serde', 'cfg-if', 'a', 'z'), leaf))
    .map(leaves => new Map(leaves)),
});

describe('floors', () => {
  it('are written as one canonical line', () => {
    expect(new TextDecoder().decode(formatFloors(FLOORS))).toBe(TEXT);
    expect(parseFloors(encode(TEXT))).toEqual(FLOORS);
    expect(parseFloors(formatFloors(NO_FLOORS))).toEqual(NO_FLOORS);
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(floors, each => {
        expect(parseFloors(formatFloors(each))).toEqual(each);
      }),
    );
  });

  it('with any bit flipped are refused, or say exactly what stands there', () => {
    const bytes = encode(TEXT);
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ (1 << bit);
        try {
          expect(formatFloors(parseFloors(changed))).toEqual(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CLIENT_FLOORS', details: { local: true } });
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(bytes.length * 5);
  });

  it('cut off anywhere are refused', async () => {
    for (let length = 0; length < TEXT.length; length++)
      expect(await refuses(TEXT.slice(0, length))).toBe('CLIENT_FLOORS');
  });

  it.each([
    ['of another format', TEXT.replace('"format":1', '"format":2')],
    ['with a member more', TEXT.replace('"tree"', '"more":1,"tree"')],
    ['in another order', `{"tree":17,${TEXT.slice(1).replace(',"tree":17', '')}`],
    ['with white space', TEXT.replace(':3', ': 3')],
    ['with a negative floor', TEXT.replace(':17}', ':-17}')],
    ['with a floor as text', TEXT.replace(':17}', ':"17"}')],
    ['with a leaf of version 0', TEXT.replace('"17:', '"0:')],
    ['with a leaf beyond 2^53-1', TEXT.replace('"17:', '"9007199254740992:')],
    ['with a leaf of a short hash', TEXT.replace(HASH, HASH.slice(1))],
    ['with a leaf of an upper-case hash', TEXT.replace(HASH, HASH.toUpperCase())],
    ['that are a list', '[]'],
  ])('%s are refused', async (_what, text) => {
    expect(await refuses(text)).toBe('CLIENT_FLOORS');
  });

  it('remember every crate of a large registry', () => {
    const many = {
      ...FLOORS,
      leaves: new Map(Array.from({ length: 150_000 }, (_, index) => [`c${index}`, `1:${HASH}`])),
    };
    expect(parseFloors(formatFloors(many)).leaves.size).toBe(150_000);
  });
});

describe('raising floors', () => {
  it('takes the higher of each member', () => {
    const other = {
      tree: 1,
      claims: 9,
      clock: 5,
      leaves: new Map([
        ['ryu', `10:${HASH}`],
        ['log', `1:${HASH}`],
      ]),
    };
    expect(raiseFloors(FLOORS, other)).toEqual({
      tree: 17,
      claims: 9,
      clock: FLOORS.clock,
      leaves: new Map([...FLOORS.leaves, ['ryu', `10:${HASH}`], ['log', `1:${HASH}`]]),
    });
  });

  it('never lowers one, and does nothing the second time', () => {
    fc.assert(
      fc.property(floors, floors, (a, b) => {
        const raised = raiseFloors(a, b);
        for (const from of [a, b]) {
          expect(raised.tree).toBeGreaterThanOrEqual(from.tree);
          expect(raised.claims).toBeGreaterThanOrEqual(from.claims);
          expect(raised.clock).toBeGreaterThanOrEqual(from.clock);
          for (const [name, text] of from.leaves) {
            const version = (of: string | undefined) => Number((of ?? '0').split(':')[0]);
            expect(version(raised.leaves.get(name))).toBeGreaterThanOrEqual(version(text));
          }
        }
        expect(raiseFloors(raised, b)).toEqual(raised);
        expect(raiseFloors(raised, NO_FLOORS)).toEqual(raised);
      }),
    );
  });

  it('keeps the first of two contents of one version: the second is an equivocation', () => {
    const other = { ...NO_FLOORS, leaves: new Map([['itoa', `17:${'00'.repeat(32)}`]]) };
    expect(raiseFloors(FLOORS, other).leaves.get('itoa')).toBe(`17:${HASH}`);
  });
});
