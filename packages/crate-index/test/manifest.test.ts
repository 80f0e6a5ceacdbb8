import { type Manifest, versionFromManifest } from '@cargo-tuf/crate-index';
import { describe, expect, it } from 'vitest';

const cksum = 'ab'.repeat(32);
const cratesIo = 'https://github.com/rust-lang/crates.io-index';
const demo = { name: 'demo', version: '0.1.0' };

/** What a TOML parser gives: tables without a prototype. */
function table(value: Readonly<Record<string, unknown>>): Manifest {
  return deepCopy(value) as Manifest;
}

function deepCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of Object.entries(value)) copy[key] = deepCopy(member);
  return copy;
}

function lineOf(manifest: Readonly<Record<string, unknown>>, registry?: string): string {
  const options = registry === undefined ? {} : { registry };
  return new TextDecoder().decode(
    versionFromManifest(table({ package: demo, ...manifest }), cksum, options).line,
  );
}

describe('versionFromManifest', () => {
  it('writes the fields in the order of the index', () => {
    const about = { ...demo, links: 'z', 'rust-version': '1.70', edition: '2021', authors: ['a'] };
    expect(lineOf({ package: about })).toBe(
      `{"name":"demo","vers":"0.1.0","deps":[],"cksum":"${cksum}","features":{},"yanked":false,"links":"z","rust_version":"1.70"}`,
    );
  });

  it('takes dependencies of every kind and target, sorted as crates.io sorts them', () => {
    const version = versionFromManifest(
      table({
        package: demo,
        dependencies: { serde: '1.0', itoa: { version: '1', optional: true, 'default-features': false } },
        'dev-dependencies': { serde: { version: '>=1, <3', features: ['derive'] } },
        'build-dependencies': { serde: '=1.0.1', cc: { version: '1' } },
        target: {
          'cfg(unix)': { dependencies: { libc: { version: '0.2', default_features: false } } },
          'x86_64-pc-windows-msvc': { dev_dependencies: { winapi: '0.3' } },
        },
      }),
      cksum,
    );
    expect(
      version.deps.map(({ name, kind, req, target, optional, defaultFeatures, features }) => [
        name,
        kind,
        req,
        target,
        optional,
        defaultFeatures,
        features,
      ]),
    ).toEqual([
      ['cc', 'build', '^1', undefined, false, true, []],
      ['itoa', 'normal', '^1', undefined, true, false, []],
      ['libc', 'normal', '^0.2', 'cfg(unix)', false, false, []],
      ['serde', 'normal', '^1.0', undefined, false, true, []],
      ['serde', 'build', '=1.0.1', undefined, false, true, []],
      ['serde', 'dev', '>=1, <3', undefined, false, true, ['derive']],
      ['winapi', 'dev', '^0.3', 'x86_64-pc-windows-msvc', false, true, []],
    ]);
  });

  it('names the crate of a renamed dependency', () => {
    expect(lineOf({ dependencies: { short: { version: '2', package: 'some-long-name' } } })).toContain(
      '{"name":"short","req":"^2","features":[],"optional":false,"default_features":true,"target":null,"kind":"normal","package":"some-long-name"}',
    );
    expect(lineOf({ dependencies: { same: { version: '2', package: 'same' } } })).not.toContain('package');
  });

  it('splits features that older cargo cannot read, and what reaches them', () => {
    const features = {
      weak: ['serde?/std'],
      std: [],
      plain: ['std'],
      default: ['full'],
      full: ['json', 'std'],
      json: ['dep:serde_json'],
    };
    expect(lineOf({ features })).toBe(
      `{"name":"demo","vers":"0.1.0","deps":[],"cksum":"${cksum}","features":{"plain":["std"],"std":[]},` +
        '"features2":{"default":["full"],"full":["json","std"],"json":["dep:serde_json"],"weak":["serde?/std"]},' +
        '"yanked":false,"v":2}',
    );
    expect(lineOf({ features: { a: ['b'], b: ['a'] } })).not.toContain('features2');
  });

  it('says where a dependency comes from, as seen from the registry of the line', () => {
    const dependencies = {
      a: { version: '1' },
      b: { version: '1', 'registry-index': 'sparse+https://example.org/index/' },
      c: { version: '1', 'registry-index': 'sparse+https://example.com/' },
    };
    const registries = (registry?: string) =>
      versionFromManifest(
        table({ package: demo, dependencies }),
        cksum,
        registry === undefined ? {} : { registry },
      ).deps.map(dependency => dependency.registry);
    expect(registries()).toEqual([
      undefined,
      'sparse+https://example.org/index/',
      'sparse+https://example.com/',
    ]);
    expect(registries('sparse+https://example.org/index/')).toEqual([
      cratesIo,
      undefined,
      'sparse+https://example.com/',
    ]);
  });

  it('reads Maps as well', () => {
    const manifest = new Map([['package', new Map(Object.entries(demo))]]);
    expect(versionFromManifest(manifest, cksum).vers).toBe('0.1.0');
  });

  it('does not look at prototypes', () => {
    const manifest = Object.create({ dependencies: { evil: '1' } }) as Record<string, unknown>;
    manifest['package'] = demo;
    expect(versionFromManifest(manifest, cksum).deps).toEqual([]);
  });

  it.each<[string, string, Readonly<Record<string, unknown>>]>([
    ['INDEX_MANIFEST', 'no package', { package: undefined }],
    ['INDEX_MANIFEST', 'a package that is text', { package: 'demo' }],
    ['INDEX_MANIFEST', 'no name', { package: { version: '1.0.0' } }],
    [
      'INDEX_MANIFEST',
      'a version of the workspace',
      { package: { name: 'demo', version: { workspace: true } } },
    ],
    ['INDEX_NAME', 'a name that is none', { package: { ...demo, name: '../x' } }],
    ['INDEX_VERSION', 'a version that is none', { package: { ...demo, version: '1' } }],
    ['INDEX_MANIFEST', 'dependencies as a list', { dependencies: [] }],
    ['INDEX_MANIFEST', 'a dependency as a number', { dependencies: { a: 1 } }],
    ['INDEX_MANIFEST', 'a dependency of the workspace', { dependencies: { a: { workspace: true } } }],
    [
      'INDEX_MANIFEST',
      'a registry by its local name',
      { dependencies: { a: { version: '1', registry: 'mine' } } },
    ],
    ['INDEX_MANIFEST', 'a path without a version', { dependencies: { a: { path: '../a' } } }],
    [
      'INDEX_MANIFEST',
      'a repository without a version',
      { dependencies: { a: { git: 'https://example.org' } } },
    ],
    ['INDEX_MANIFEST', 'a dependency name with a slash', { dependencies: { 'a/b': '1' } }],
    ['INDEX_NAME', 'a package name that is none', { dependencies: { a: { version: '1', package: '1a' } } }],
    ['INDEX_REQUIREMENT', 'a requirement that is none', { dependencies: { a: 'latest' } }],
    ['INDEX_MANIFEST', 'optional as text', { dependencies: { a: { version: '1', optional: 'yes' } } }],
    ['INDEX_MANIFEST', 'features as text', { dependencies: { a: { version: '1', features: 'std' } } }],
    ['INDEX_MANIFEST', 'both spellings', { 'dev-dependencies': { a: '1' }, dev_dependencies: { a: '1' } }],
    [
      'INDEX_MANIFEST',
      'both spellings of a flag',
      { dependencies: { a: { version: '1', 'default-features': false, default_features: true } } },
    ],
    ['INDEX_MANIFEST', 'a target that is text', { target: { 'cfg(unix)': 'x' } }],
    ['INDEX_MANIFEST', 'a feature that is text', { features: { std: 'alloc' } }],
    ['INDEX_FIELD', 'a control character in links', { package: { ...demo, links: '\u001b[31m' } }],
  ])('throws %s for %s', (code, _, manifest) => {
    expect(() => lineOf(manifest)).toThrow(expect.objectContaining({ code }));
  });

  it('throws INDEX_FIELD for a checksum that is none', () => {
    expect(() => versionFromManifest(table({ package: demo }), 'AB'.repeat(32))).toThrow(
      expect.objectContaining({ code: 'INDEX_FIELD' }),
    );
  });
});
