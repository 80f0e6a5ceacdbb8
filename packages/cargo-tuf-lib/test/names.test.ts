import {
  CRATES_IO,
  formatRegistryId,
  openHome,
  parseRegistryId,
  registrySlug,
  sourceUrl,
} from '@cargo-tuf/cargo-tuf-lib';
import { describe, expect, test } from 'vitest';

describe('registry ids', () => {
  test.each([
    'crates-io',
    'crates.io',
    'registry+https://github.com/rust-lang/crates.io-index',
    'https://github.com/rust-lang/crates.io-index',
    'sparse+https://index.crates.io/',
  ])('%s is crates.io', text => {
    const id = parseRegistryId(text);
    expect(id).toBe(CRATES_IO);
    expect(formatRegistryId(id)).toBe('crates-io');
    expect(registrySlug(id)).toBe('crates-io');
    expect(sourceUrl(id)).toBe('https://github.com/rust-lang/crates.io-index');
  });
  test.each([
    ['sparse+https://h.example/a/', 'sparse+https://h.example/a/', 'sparse+https://h.example/a/'],
    ['registry+https://h.example/a', 'registry+https://h.example/a', 'https://h.example/a'],
    ['https://h.example/a', 'registry+https://h.example/a', 'https://h.example/a'],
    [
      'sparse+http://127.0.0.1:4000/index/',
      'sparse+http://127.0.0.1:4000/index/',
      'sparse+http://127.0.0.1:4000/index/',
    ],
    ['file:///srv/index', 'registry+file:///srv/index', 'file:///srv/index'],
  ])('%s', (text, id, url) => {
    expect(parseRegistryId(text)).toBe(id);
    expect(formatRegistryId(parseRegistryId(id))).toBe(id);
    expect(sourceUrl(parseRegistryId(text))).toBe(url);
    expect(registrySlug(parseRegistryId(text))).toMatch(/^[0-9a-f]{16}$/);
  });
  test('spellings that a lenient reader takes for one registry are different ones', () => {
    const spellings = ['/a', '/a/', '/A', '/a.git', '/%61', '//a', '/./a', ':443/a'].map(path =>
      registrySlug(parseRegistryId(`registry+https://h.example${path}`)),
    );
    expect(new Set(spellings).size).toBe(spellings.length);
    const crates = [
      'https://github.com/rust-lang/crates.io-index/',
      'https://github.com/rust-lang/crates.io-index.git',
      'https://GitHub.com/rust-lang/crates.io-index',
      'sparse+https://index.crates.io//',
      'https://index.crates.io/',
    ];
    for (const text of crates) expect(parseRegistryId(text)).not.toBe(CRATES_IO);
  });
  test.each([
    '',
    'crates_io',
    'CRATES-IO',
    'crates-io ',
    'h.example/a',
    'sparse+https://h.example/a',
    'sparse+crates-io',
    'git+https://h.example/a',
    'path+file:///a',
    'ssh://h.example/a',
    'https://',
    'https://h.example/a b',
    'https://h.example/a#b',
    'https://h.example/a?b',
    'https://h.example/"\nb',
    'https://h.example/\u00e9',
    'https://h.example/a\n',
    `https://h.example/${'a'.repeat(1024)}`,
  ])('"%s" is none', text => {
    expect(() => parseRegistryId(text)).toThrow(expect.objectContaining({ code: 'LIB_REGISTRY_ID' }));
  });
  test('a message shows nothing raw', () => {
    expect(() => parseRegistryId('\u001b[2J\u202e')).toThrow('"\\u{1b}[2J\\u{202e}" names none');
  });
});

describe('home', () => {
  test.each([
    [{ CARGO_HOME: '/c' }, '/c'],
    [{ CARGO_HOME: 'c' }, '/project/c'],
    [{ CARGO_HOME: '', HOME: '/users/u' }, '/users/u/.cargo'],
    [{ HOME: '/users/u' }, '/users/u/.cargo'],
  ])('%j', (environment, cargoHome) => {
    expect(openHome(environment, '/project')).toEqual({
      cargoHome,
      tuf: `${cargoHome}/tuf`,
      anchors: `${cargoHome}/tuf/anchors`,
      crates: `${cargoHome}/tuf/crates`,
      root: `${cargoHome}/tuf/root`,
    });
  });
});
