import {
  formatIndexEntry,
  formatIndexVersion,
  formatRegistryConfig,
  INDEX_LIMITS,
  indexPathOfLowerCase,
  parseIndexEntry,
  parseIndexVersion,
  parseRegistryConfig,
} from '@cargo-tuf/crate-index';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const path = 'it/oa/itoa';
const cksum = 'ab'.repeat(32);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const lineOf = (fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ name: 'itoa', vers: '1.0.0', deps: [], cksum, features: {}, yanked: false, ...fields });

describe('an index entry', () => {
  it('is read with every field', () => {
    const dependency = {
      name: 'j',
      package: 'serde',
      req: '^1',
      kind: 'build',
      target: 'cfg(unix)',
      optional: true,
    };
    const line = lineOf({
      deps: [
        { ...dependency, features: ['std'], default_features: false, registry: 'https://example.org/index' },
      ],
      features: { std: [] },
      features2: { json: ['dep:j'] },
      links: 'z',
      rust_version: '1.70',
      v: 2,
      yanked: true,
      extra: 'kept',
    });
    const [version] = parseIndexEntry(path, bytesOf(line)).versions;
    expect(version).toMatchObject({
      name: 'itoa',
      vers: '1.0.0',
      cksum,
      links: 'z',
      rustVersion: '1.70',
      v: 2,
    });
    expect(version.yanked).toBe(true);
    expect(version.deps).toEqual([
      {
        name: 'j',
        package: 'serde',
        req: '^1',
        kind: 'build',
        target: 'cfg(unix)',
        optional: true,
        features: ['std'],
        defaultFeatures: false,
        registry: 'https://example.org/index',
      },
    ]);
    expect(version.features).toEqual(new Map([['std', []]]));
    expect(version.features2).toEqual(new Map([['json', ['dep:j']]]));
    expect(version.raw.get('extra')).toBe('kept');
  });

  it('comes back byte for byte, odd spelling included', () => {
    const text = `  { "name" : "itoa", "vers":"1.0.0","cksum":"${cksum}","deps":[] , "x":"\\u0041\\/" }\n${lineOf({ vers: '1.0.1' })}\n`;
    const { versions } = parseIndexEntry(path, bytesOf(text));
    expect(textOf(formatIndexEntry(versions))).toBe(text);
  });

  it.each([
    ['"yanked":false', '"yanked":true', true],
    ['"yanked":true', '"yanked":false', false],
    ['"yanked" : \ttrue ', '"yanked" : \tfalse ', false],
    ['"x":{"yanked":true},"y":"\\"yanked\\":true","z":"yanked","yanked":false', undefined, true],
    ['"yanked":false,"x":"\\\\"', '"yanked":true,"x":"\\\\"', true],
  ])('has %s flipped and nothing else', (before, after, yanked) => {
    const start = `{"name":"itoa","vers":"1.0.0","deps":[],"cksum":"${cksum}",`;
    const version = parseIndexVersion(bytesOf(`${start}${before},"links":null}`));
    const expected = after ?? before.replace(/"yanked":false$/, '"yanked":true');
    expect(textOf(formatIndexVersion({ ...version, yanked }))).toBe(`${start}${expected},"links":null}`);
    expect(formatIndexVersion(version)).toBe(version.line);
  });

  it('has yanked added where it is absent, and replaced where it is null or escaped', () => {
    const start = `{"name":"itoa","vers":"1.0.0","deps":[],"cksum":"${cksum}"`;
    for (const [before, after] of [
      ['}', ',"yanked":true}'],
      [',"yanked":null,"links":"z"}', ',"yanked":true,"links":"z"}'],
      [',"\\u0079anked":false}', ',"yanked":true}'],
    ]) {
      const version = parseIndexVersion(bytesOf(start + before));
      expect(textOf(formatIndexVersion({ ...version, yanked: true }))).toBe(start + after);
    }
  });

  it('keeps any other text through a yank and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.boolean(), (key, value, yanked) => {
        fc.pre(!/\p{Cs}/u.test(key + value));
        const line = bytesOf(lineOf({ extra: { [key]: value, yanked: value }, yanked, last: key }));
        const version = parseIndexVersion(line);
        const flipped = parseIndexVersion(formatIndexVersion({ ...version, yanked: !yanked }));
        expect(flipped.yanked).toBe(!yanked);
        expect(formatIndexVersion({ ...flipped, yanked })).toEqual(line);
      }),
    );
  });

  it('says which line is wrong', () => {
    const text = `${lineOf()}\n${lineOf({ vers: '1.0' })}\n`;
    expect(() => parseIndexEntry(path, bytesOf(text))).toThrow(
      expect.objectContaining({ code: 'INDEX_VERSION', details: expect.objectContaining({ line: 2, path }) }),
    );
  });

  it('refuses every truncation within a line', () => {
    const bytes = bytesOf(`${lineOf()}\n`);
    for (let length = 0; length < bytes.length - 1; length += 1) {
      expect(() => parseIndexEntry(path, bytes.subarray(0, length)), `length ${length}`).toThrow(
        expect.objectContaining({ code: 'INDEX_LINE' }),
      );
    }
  });
});

describe('limits', () => {
  const refused = expect.objectContaining({ code: 'INDEX_LIMIT' });

  it('of a line', () => {
    const room = INDEX_LIMITS.lineBytes - bytesOf(lineOf()).length;
    const line = lineOf() + ' '.repeat(room);
    expect(parseIndexVersion(bytesOf(line)).vers).toBe('1.0.0');
    expect(() => parseIndexVersion(bytesOf(`${line} `))).toThrow(refused);
  });

  it('of dependencies and features', () => {
    const dependency = { name: 'a', req: '*' };
    const deps = Array.from({ length: INDEX_LIMITS.dependencies }, () => dependency);
    expect(parseIndexVersion(bytesOf(lineOf({ deps }))).deps).toHaveLength(deps.length);
    expect(() => parseIndexVersion(bytesOf(lineOf({ deps: [...deps, dependency] })))).toThrow(refused);
    const features = Object.fromEntries(
      Array.from({ length: INDEX_LIMITS.features }, (_, index) => [`f${index}`, []]),
    );
    expect(parseIndexVersion(bytesOf(lineOf({ features }))).features.size).toBe(INDEX_LIMITS.features);
    expect(() => parseIndexVersion(bytesOf(lineOf({ features: { ...features, more: [] } })))).toThrow(
      expect.objectContaining({ code: 'INDEX_FIELD' }),
    );
  });

  it('of an entry', () => {
    expect(() => parseIndexEntry(path, new Uint8Array(INDEX_LIMITS.entryBytes + 1))).toThrow(refused);
    const lines = '\n'.repeat(INDEX_LIMITS.versions + 1);
    expect(() => parseIndexEntry(path, bytesOf(lines))).toThrow(refused);
  });

  it('of texts and of config.json', () => {
    const links = 'x'.repeat(INDEX_LIMITS.textLength);
    expect(parseIndexVersion(bytesOf(lineOf({ links }))).links).toBe(links);
    expect(() => parseIndexVersion(bytesOf(lineOf({ links: `${links}x` })))).toThrow(
      expect.objectContaining({ code: 'INDEX_FIELD' }),
    );
    expect(() => parseRegistryConfig(new Uint8Array(INDEX_LIMITS.configBytes + 1))).toThrow(refused);
  });
});

describe('formatRegistryConfig', () => {
  it.each([
    { dl: 'https://example.org/{crate}', authRequired: false },
    { dl: 'https://example.org/dl', api: 'https://example.org', authRequired: true },
  ])('is undone by parseRegistryConfig: %j', config => {
    expect(parseRegistryConfig(formatRegistryConfig(config))).toEqual(config);
  });

  it('writes nothing that would be refused', () => {
    expect(() => formatRegistryConfig({ dl: 'https://{crate}.org/', authRequired: false })).toThrow(
      expect.objectContaining({ code: 'INDEX_TEMPLATE' }),
    );
  });
});

describe('indexPathOfLowerCase', () => {
  it('has one spelling', () => {
    expect(indexPathOfLowerCase('inflector')).toBe('in/fl/inflector');
    expect(() => indexPathOfLowerCase('Inflector')).toThrow(expect.objectContaining({ code: 'INDEX_NAME' }));
  });
});
