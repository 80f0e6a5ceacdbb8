import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import {
  type ChannelManifest,
  componentName,
  findComponent,
  formatChecksum,
  formatManifest,
  formatRustupRelease,
  formatToolchain,
  isDate,
  listComponents,
  manifestPath,
  parseChecksum,
  parseManifest,
  parseManifestPath,
  parseRustupRelease,
  parseToolchain,
  rustupInitPath,
  selectComponents,
} from '@cargo-tuf/release-channel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const HOST = 'x86_64-unknown-linux-gnu';
const WASM = 'wasm32-unknown-unknown';
const HASH = 'ab'.repeat(32);

const built = (name: string, target: string) => ({
  available: true,
  archives: (['zst', 'xz', 'gz'] as const).map(format => ({
    format,
    path: `dist/2026-11-20/${name}-1.95.0-${target}.tar.${format}`,
    sha256: HASH,
  })),
  components: [],
  extensions: [],
});

const MANIFEST: ChannelManifest = {
  date: '2026-11-20',
  packages: new Map([
    ['rustc', { version: '1.95.0 (59807616e 2026-04-14)', targets: new Map([[HOST, built('rustc', HOST)]]) }],
    ['cargo', { version: '0.96.0', targets: new Map([[HOST, built('cargo', HOST)]]) }],
    ['clippy-preview', { version: '0.1.95', targets: new Map([[HOST, built('clippy', HOST)]]) }],
    ['rust-src', { version: '1.95.0', targets: new Map([['*', built('rust-src', 'all')]]) }],
    [
      'rust-std',
      {
        version: '1.95.0',
        targets: new Map([
          [HOST, built('rust-std', HOST)],
          [WASM, { available: false, archives: [], components: [], extensions: [] }],
        ]),
      },
    ],
    [
      'rust',
      {
        version: '1.95.0',
        targets: new Map([
          [
            HOST,
            {
              ...built('rust', HOST),
              components: [
                { pkg: 'rustc', target: HOST },
                { pkg: 'rust-std', target: HOST },
                { pkg: 'cargo', target: HOST },
              ],
              extensions: [
                { pkg: 'clippy-preview', target: HOST },
                { pkg: 'rust-std', target: WASM },
                { pkg: 'rust-src', target: '*' },
              ],
            },
          ],
        ]),
      },
    ],
  ]),
  renames: new Map([['clippy', 'clippy-preview']]),
  profiles: new Map([
    ['minimal', ['rustc', 'cargo', 'rust-std', 'rust-mingw']],
    ['default', ['rustc', 'cargo', 'rust-std', 'clippy-preview']],
  ]),
};

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

describe('names of toolchains', () => {
  it.each([
    ['stable', 'dist/channel-rust-stable.toml'],
    ['nightly-2026-11-20', 'dist/2026-11-20/channel-rust-nightly.toml'],
    ['1.95.0-x86_64-unknown-linux-gnu', 'dist/channel-rust-1.95.0.toml'],
    ['1.95', 'dist/channel-rust-1.95.toml'],
    ['1.96.0-beta.3', 'dist/channel-rust-1.96.0-beta.3.toml'],
    ['beta-2026-02-28-aarch64-apple-darwin', 'dist/2026-02-28/channel-rust-beta.toml'],
  ])('%s has the manifest %s', (name, path) => {
    const toolchain = parseToolchain(name);
    expect(formatToolchain(toolchain)).toBe(name);
    expect(manifestPath(toolchain)).toBe(path);
    expect(parseManifestPath(path)).toEqual({ channel: toolchain.channel, date: toolchain.date });
  });

  it.each([
    '',
    'Stable',
    'stable-',
    'stable-2026-02-30',
    '1.95.0.1',
    '01.2.3',
    '../stable',
    'stable/x',
    'my-toolchain',
    `stable-${'a-'.repeat(200)}b`,
  ])('refuses "%s"', name => expect(codeOf(() => parseToolchain(name))).toBe('CHANNEL_TOOLCHAIN'));

  it.each([
    'dist/channel-rust-stable.toml.sha256',
    'dist/channel-rust-stable',
    'dist/2026-13-01/channel-rust-nightly.toml',
    'dist//channel-rust-stable.toml',
    'rustup/release-stable.toml',
  ])('%s is no manifest', path => expect(parseManifestPath(path)).toBeUndefined());

  it('knows the days of the calendar', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2999-12-31'), noInvalidDate: true }),
        date => {
          expect(isDate(date.toISOString().slice(0, 10))).toBe(true);
        },
      ),
    );
    for (const day of ['2026-02-29', '1900-02-29', '2026-00-10', '2026-01-00', '2026-04-31', '26-01-01'])
      expect(isDate(day)).toBe(false);
  });
});

describe('manifests', () => {
  it('are read as they were written', () => {
    expect(parseManifest(formatManifest(MANIFEST))).toEqual(MANIFEST);
  });

  const real = `${homedir()}/.rustup/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib/multirust-channel-manifest.toml`;
  it.skipIf(!existsSync(real))(
    'the one of an installed toolchain is read, and written again with the same meaning',
    () => {
      const manifest = parseManifest(readFileSync(real));
      expect(manifest.packages.size).toBeGreaterThan(10);
      expect(parseManifest(formatManifest(manifest))).toEqual(manifest);
      const names = selectComponents(manifest, { host: HOST, profile: 'minimal' }).map(each => each.pkg);
      expect(new Set(names)).toEqual(new Set(['cargo', 'rust-std', 'rustc']));
    },
  );

  it.each<[string, (text: string) => string, string]>([
    ['another version', text => text.replace('"2"', '"3"'), 'CHANNEL_MANIFEST_VERSION'],
    ['no version', text => text.replace('manifest-version', 'x'), 'CHANNEL_MANIFEST_VERSION'],
    [
      'a date that is none',
      text => text.replace('date = "2026-11-20"', 'date = "2026-11-31"'),
      'CHANNEL_MANIFEST',
    ],
    ['no TOML', text => `${text}\nx = `, 'CHANNEL_MANIFEST'],
    [
      'another server',
      text => text.replace('https://static.rust-lang.org/dist', 'https://evil.example/dist'),
      'CHANNEL_MANIFEST',
    ],
    ['a path that climbs', text => text.replace('/dist/2026-11-20/', '/dist/../'), 'CHANNEL_MANIFEST'],
    ['a path outside dist', text => text.replace('/dist/2026-11-20/', '/rustup/'), 'CHANNEL_MANIFEST'],
    ['another format than the member says', text => text.replace('.tar.xz', '.tar.gz'), 'CHANNEL_MANIFEST'],
    ['a short hash', text => text.replace(HASH, 'ab'), 'CHANNEL_MANIFEST'],
    ['a hash in capitals', text => text.replace(HASH, HASH.toUpperCase()), 'CHANNEL_MANIFEST'],
    [
      'available without an archive',
      text => text.replace('available = false', 'available = true'),
      'CHANNEL_MANIFEST',
    ],
    ['a package with a slash', text => text.replace('pkg = "rust-src"', 'pkg = "../x"'), 'CHANNEL_MANIFEST'],
    [
      'a target with a slash',
      text => text.replace(`target = "${WASM}"`, 'target = "a/b-c"'),
      'CHANNEL_MANIFEST',
    ],
    ['a profile that is no list', text => text.replace('minimal" = [', 'minimal" = 1 #'), 'CHANNEL_MANIFEST'],
    [
      'a rename that leads nowhere',
      text => text.replace('to = "clippy-preview"', 'to = "clippy"'),
      'CHANNEL_MANIFEST',
    ],
    [
      'no packages',
      text => text.replaceAll('[pkg.', '[other.').replaceAll('[[pkg.', '[[other.'),
      'CHANNEL_MANIFEST',
    ],
  ])('refuses %s', (_, change, code) => {
    const text = new TextDecoder().decode(formatManifest(MANIFEST));
    expect(change(text)).not.toBe(text);
    expect(codeOf(() => parseManifest(new TextEncoder().encode(change(text))))).toBe(code);
  });

  it('refuses bytes that are no UTF-8, and more than the limit', () => {
    expect(codeOf(() => parseManifest(new Uint8Array([0xff, 0xfe])))).toBe('CHANNEL_MANIFEST');
    expect(codeOf(() => parseManifest(new Uint8Array(16 * 1024 * 1024 + 1)))).toBe('CHANNEL_MANIFEST');
  });

  it('each byte damaged is refused with our codes, or read as a manifest', () => {
    const bytes = formatManifest(MANIFEST);
    const codes = new Set<string | undefined>();
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      codes.add(codeOf(() => parseManifest(damaged)) ?? 'read');
    }
    expect(codes).toEqual(new Set(['read', 'CHANNEL_MANIFEST', 'CHANNEL_MANIFEST_VERSION']));
  });
});

describe('selection of components', () => {
  const namesOf = (selection: Partial<Parameters<typeof selectComponents>[1]>) =>
    selectComponents(MANIFEST, { host: HOST, profile: 'minimal', ...selection }).map(each => each.name);

  it('takes those of the profile that the host has, in the order of the package rust', () => {
    expect(namesOf({})).toEqual([`rustc-${HOST}`, `rust-std-${HOST}`, `cargo-${HOST}`]);
    expect(namesOf({ profile: 'default' })).toContain(`clippy-preview-${HOST}`);
  });

  it('adds by every spelling of a name, once', () => {
    for (const name of ['clippy', 'clippy-preview', `clippy-${HOST}`, `clippy-preview-${HOST}`])
      expect(namesOf({ components: [name, 'clippy'] }).at(-1)).toBe(`clippy-preview-${HOST}`);
    expect(namesOf({ components: ['rust-src', 'rustc'] })).toHaveLength(4);
    expect(componentName(findComponent(MANIFEST, HOST, 'rust-src'))).toBe('rust-src');
    expect(listComponents(MANIFEST, HOST)).toHaveLength(6);
  });

  it('gives the archives, the best first', () => {
    const [rustc] = selectComponents(MANIFEST, { host: HOST, profile: 'minimal' });
    expect(rustc?.archives.map(each => each.format)).toEqual(['zst', 'xz', 'gz']);
  });

  it.each<[string, Partial<Parameters<typeof selectComponents>[1]>]>([
    ['an unknown profile', { profile: 'tiny' }],
    ['an unknown host', { host: 'sparc-sun-solaris' }],
    ['an unknown component', { components: ['miri'] }],
    ['an unknown target', { targets: ['riscv32-unknown-none'] }],
    ['a target that was not built', { targets: [WASM] }],
  ])('refuses %s', (_, selection) => expect(codeOf(() => namesOf(selection))).toBe('CHANNEL_COMPONENT'));
});

describe('checksum files and releases of rustup', () => {
  it('are read as they were written', () => {
    expect(parseChecksum(formatChecksum(HASH, 'channel-rust-stable.toml'))).toBe(HASH);
    expect(parseRustupRelease(formatRustupRelease('1.29.0'))).toBe('1.29.0');
    expect(rustupInitPath('1.29.0', HOST)).toBe(`rustup/archive/1.29.0/${HOST}/rustup-init`);
    expect(rustupInitPath('1.29.0', 'x86_64-pc-windows-msvc')).toMatch(/rustup-init\.exe$/);
  });

  it('refuses others', () => {
    for (const text of ['', HASH, `${HASH.slice(1)}  x`, `${HASH}  x\ny`, `${HASH}  ${'x'.repeat(5000)}`])
      expect(codeOf(() => parseChecksum(new TextEncoder().encode(text)))).toBe('CHANNEL_CHECKSUM');
    for (const text of [
      '',
      `schema-version = '2'\nversion = '1.0.0'`,
      `schema-version = '1'`,
      `schema-version = '1'\nversion = '../1'`,
      '=',
    ])
      expect(codeOf(() => parseRustupRelease(new TextEncoder().encode(text)))).toBe('CHANNEL_RUSTUP');
    expect(codeOf(() => formatRustupRelease(`1'`))).toBe('CHANNEL_RUSTUP');
  });
});
