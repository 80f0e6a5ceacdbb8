import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import {
  type DelegatedRole,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTime,
  formatTimestamp,
  isDelegatedPath,
  matchesPath,
  METADATA_LIMITS,
  type MetaFile,
  parseRoot,
  parseSnapshot,
  parseTargets,
  parseTime,
  parseTimestamp,
  roleUrlPath,
  succinctRoleName,
} from '@cargo-tuf/metadata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keys, rootFields } from './sample.ts';

const hex64 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map(bytes => Buffer.from(bytes).toString('hex'));
const version = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const expires = fc.integer({ min: 0, max: 253_402_300_799 }).map(seconds => seconds * 1000);
const common = { version, expires, repository: fc.option(hex64, { nil: undefined }) };
const metaFile: fc.Arbitrary<MetaFile> = fc.record(
  { version, length: fc.nat(), hashes: hex64.map(hash => new Map([['sha256', hash]])) },
  { requiredKeys: ['version'] },
);
const name = fc.string({ minLength: 1, maxLength: 20 });

describe('formatting is undone by parsing', () => {
  it('root', () => {
    const index = fc.constantFrom(undefined, { kind: 'bins' } as const, { kind: 'map', epoch: 5 } as const);
    const fields = fc.record({ ...common, consistentSnapshot: fc.boolean(), index, claimsFloor: fc.nat() });
    fc.assert(
      fc.property(fields, given => {
        const { keys, roles } = rootFields;
        const {
          signed: _signed,
          specVersion,
          type,
          ...read
        } = parseRoot(formatRoot({ ...given, keys, roles }));
        expect(read).toEqual({ ...given, keys, roles });
        expect([specVersion, type]).toEqual(['1.0.34', 'root']);
      }),
      { numRuns: 30 },
    );
  });

  it('timestamp', () => {
    const fields = fc.record({
      ...common,
      snapshot: metaFile,
      merkleRoot: fc.option(hex64, { nil: undefined }),
    });
    fc.assert(
      fc.property(fields, given => {
        expect(parseTimestamp(formatTimestamp(given))).toMatchObject(given);
      }),
    );
  });

  it('snapshot', () => {
    const meta = fc
      .array(
        fc.tuple(
          name.map(text => `${text}.json`),
          metaFile,
        ),
        { maxLength: 5 },
      )
      .map(entries => new Map([...entries, ['targets.json', { version: 1 }]]));
    fc.assert(
      fc.property(fc.record({ ...common, meta }), given => {
        expect(parseSnapshot(formatSnapshot(given))).toMatchObject(given);
      }),
    );
  });

  it('targets', () => {
    const target = fc.record({ length: fc.nat(), hashes: hex64.map(hash => new Map([['sha256', hash]])) });
    const targets = fc.array(fc.tuple(name, target), { maxLength: 5 }).map(entries => new Map(entries));
    const role: DelegatedRole = {
      name: 'claims',
      keyIds: [...keys.keys()],
      threshold: 2,
      terminating: true,
      paths: ['1/?'],
    };
    const delegations = fc.constantFrom(undefined, { keys, roles: [role] });
    const map = fc.option(fc.record({ root: hex64, version: fc.nat(), size: fc.nat() }), { nil: undefined });
    fc.assert(
      fc.property(fc.record({ ...common, targets, delegations, map }), given => {
        expect(parseTargets(formatTargets(given))).toMatchObject(given);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps unknown members of the tree that was read, and drops what was taken out', () => {
    const extension: JsonObject = new Map<string, JsonValue>([
      ...(formatRoot(rootFields).get('x-cargo-tuf') as JsonObject),
      ['y', 2],
    ]);
    const tree: JsonObject = new Map<string, JsonValue>([
      ...formatRoot(rootFields),
      ['x', 1],
      ['x-cargo-tuf', extension],
    ]);
    const written = formatRoot({ ...parseRoot(tree), version: 2, index: undefined });
    expect(written.get('x')).toBe(1);
    expect(written.get('x-cargo-tuf')).toEqual(
      new Map<string, JsonValue>([
        ['repository', '11'.repeat(32)],
        ['y', 2],
      ]),
    );
    expect(written.get('version')).toBe(2);
  });

  it('refuses to write what no reader would accept', () => {
    expect(() => formatRoot({ ...rootFields, version: 0 })).toThrow(
      expect.objectContaining({ code: 'METADATA_SHAPE' }),
    );
    expect(() => formatRoot({ ...rootFields, roles: new Map() })).toThrow(
      expect.objectContaining({ code: 'METADATA_SHAPE' }),
    );
    for (const milliseconds of [-1, Number.NaN, 253_402_300_800_000]) {
      expect(() => formatTime(milliseconds)).toThrow(expect.objectContaining({ code: 'METADATA_TIME' }));
    }
  });
});

describe('time', () => {
  it('is that of Date, for every second of the calendar', () => {
    fc.assert(
      fc.property(expires, fc.nat(999), (milliseconds, rest) => {
        const text = new Date(milliseconds).toISOString().replace('.000Z', 'Z');
        expect(parseTime(text)).toBe(milliseconds);
        expect(formatTime(milliseconds + rest)).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('paths', () => {
  it('match as the plainest matcher says', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '/', '.');
    const texts = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), texts, (pattern, path) => {
        expect(matchesPath(pattern.join(''), path.join(''))).toBe(matchesPlainly(pattern, path));
      }),
      { numRuns: 5_000 },
    );
  });

  it('take a time that grows with pattern times path', () => {
    const stars = `${'*a'.repeat(8)}b`;
    const start = performance.now();
    for (let run = 0; run < 100; run += 1) expect(matchesPath(stars, 'a'.repeat(512))).toBe(false);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('are delegated by pattern or by hash prefix', () => {
    const role = { name: 'x', keyIds: ['k'], threshold: 1, terminating: false };
    const hash = createHash('sha256').update('it/oa/itoa').digest('hex');
    expect(isDelegatedPath({ ...role, paths: ['1/?', '??/??/*'] }, 'it/oa/itoa')).toBe(true);
    expect(isDelegatedPath({ ...role, paths: [] }, 'it/oa/itoa')).toBe(false);
    expect(isDelegatedPath({ ...role, pathHashPrefixes: ['zz', hash.slice(0, 3)] }, 'it/oa/itoa')).toBe(true);
    expect(isDelegatedPath({ ...role, pathHashPrefixes: [hash] }, 'it/oa/itoa')).toBe(true);
    expect(isDelegatedPath({ ...role, pathHashPrefixes: [hash.slice(1, 4)] }, 'it/oa/itoa')).toBe(
      hash.startsWith(hash.slice(1, 4)),
    );
    expect(isDelegatedPath({ ...role, pathHashPrefixes: [] }, 'it/oa/itoa')).toBe(false);
  });

  it('fall into the bin of their first bits', () => {
    const first = Number.parseInt(createHash('sha256').update('a').digest('hex').slice(0, 8), 16);
    const bins = (bitLength: number) =>
      succinctRoleName({ keyIds: ['k'], threshold: 1, bitLength, namePrefix: 'bin' }, 'a');
    expect(bins(1)).toBe(`bin-${first >>> 31}`);
    expect(bins(8)).toBe(`bin-${(first >>> 24).toString(16).padStart(2, '0')}`);
    expect(bins(14)).toBe(`bin-${(first >>> 18).toString(16).padStart(4, '0')}`);
  });

  it('never become dot segments or folders as role names', () => {
    expect(roleUrlPath('timestamp')).toBe('timestamp.json');
    expect(roleUrlPath('claims', 7)).toBe('7.claims.json');
    expect(roleUrlPath('../../x', 1)).toBe('1...%2F..%2Fx.json');
    expect(roleUrlPath('..')).toBe('...json');
  });
});

describe('limits', () => {
  it('of targets: 100,000 are read, one more is refused', () => {
    const file: JsonObject = new Map<string, JsonValue>([
      ['length', 1],
      ['hashes', new Map([['sha256', '00'.repeat(32)]])],
    ]);
    const targets = new Map(
      Array.from({ length: METADATA_LIMITS.targets }, (_, index) => [`t${index}`, file]),
    );
    const base = {
      version: 1,
      expires: 0,
      repository: undefined,
      delegations: undefined,
      map: undefined,
      targets: new Map(),
    };
    const tree = new Map(formatTargets(base)).set('targets', targets);
    expect(parseTargets(tree).targets.size).toBe(100_000);
    targets.set('one more', file);
    expect(() => parseTargets(tree)).toThrow(expect.objectContaining({ code: 'METADATA_LIMIT' }));
  });
});

function matchesPlainly(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  const [character, ...more] = path;
  if (first === undefined) return character === undefined;
  if (first === '*') {
    return (
      matchesPlainly(rest, path) ||
      (character !== undefined && character !== '/' && matchesPlainly(pattern, more))
    );
  }
  if (character === undefined) return false;
  return (first === character || (first === '?' && character !== '/')) && matchesPlainly(rest, more);
}
