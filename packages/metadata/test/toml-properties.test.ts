// What is written is read back, and what is read, `smol-toml` reads alike.
import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import {
  formatTomlRoot,
  formatTomlTimestamp,
  parseTomlRoot,
  parseTomlTargets,
  parseTomlTimestamp,
  TOML_LIMITS,
} from '@cargo-tuf/metadata';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('"', "'", '\\', '\n', '\t', '\r', ' ', '#', ']', '\u0000', '\u007f', 'é'),
  }),
);
const { value } = fc.letrec<{ value: JsonValue; list: JsonValue; table: JsonValue; tables: JsonValue }>(
  tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.maxSafeInteger(),
      fc.boolean(),
      tie('list'),
      tie('table'),
      tie('tables'),
    ),
    list: fc.oneof(fc.array(text), fc.array(fc.maxSafeInteger()), fc.array(fc.array(fc.boolean()))),
    table: fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map(entries => new Map(entries)),
    tables: fc.array(
      fc.array(fc.tuple(text, tie('value')), { maxLength: 3 }).map(entries => new Map(entries)),
      {
        maxLength: 3,
      },
    ),
  }),
);
const unknown = fc
  .array(fc.tuple(text, value), { maxLength: 5 })
  .map(entries => new Map(entries.map(([name, each]) => [`x${name}`, each] as const)));
const comments = fc.array(fc.stringMatching(/^[ -~é]{0,12}$/), { maxLength: 3 });

function timestamp(tree: JsonObject, lines: readonly string[] = []): Uint8Array {
  const above = new Map(lines.length === 0 ? [] : [['.version', lines]]);
  return formatTomlTimestamp({
    version: 7,
    expires: Date.UTC(2030, 0, 1),
    repository: undefined,
    document: { tree, comments: above },
  });
}

describe('what is written', () => {
  it('is read back, whatever else the file says', () => {
    fc.assert(
      fc.property(unknown, comments, (tree, lines) => {
        const bytes = timestamp(tree, lines);
        const read = parseTomlTimestamp(bytes);
        for (const [name, each] of tree) expect(read.document.tree.get(name)).toEqual(each);
        expect(read.document.comments.get('.version') ?? []).toEqual(lines);
        expect(formatTomlTimestamp(read)).toEqual(bytes);
        expect(plain(read.document.tree)).toEqual(smol(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

/** As smol-toml gives it: objects without a prototype. */
function plain(found: JsonValue): unknown {
  if (Array.isArray(found)) return (found as readonly JsonValue[]).map(plain);
  if (!isJsonObject(found)) return found;
  const object = Object.create(null) as Record<string, unknown>;
  for (const [name, each] of found)
    Object.defineProperty(object, name, {
      value: plain(each),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return object;
}

function smol(bytes: Uint8Array): unknown {
  return parse(decode(bytes));
}

interface Vector {
  readonly description: string;
  readonly lines?: readonly string[];
  readonly expect: string;
}
const files = ['root', 'timestamp', 'targets'].map(role => {
  const url = new URL(`../../../test-vectors/metadata/toml-${role}.json`, import.meta.url);
  const vectors = JSON.parse(readFileSync(url, 'utf8')) as readonly Vector[];
  // The RFC's example is no TOML to smol-toml: a header reaches into an inline table.
  const good = vectors.filter(
    vector => vector.expect === 'ok' && !vector.description.startsWith("the RFC's"),
  );
  return [role, good.map(vector => encode((vector.lines ?? []).map(line => `${line}\n`).join('')))] as const;
});
const parsers = { root: parseTomlRoot, timestamp: parseTomlTimestamp, targets: parseTomlTargets };

describe.each(files)('every damaged byte of %s.toml', (role, vectors) => {
  it('is refused, or read as smol-toml reads it', () => {
    const read = parsers[role as keyof typeof parsers];
    let accepted = 0;
    for (const bytes of vectors.slice(0, 3)) {
      expect(plain(read(bytes).document.tree)).toEqual(smol(bytes));
      for (let at = 0; at < bytes.length; at += 1) {
        for (const change of [1, 2, 16, 128]) {
          const damaged = bytes.slice();
          damaged[at] = (damaged[at] as number) ^ change;
          accepted += compare(damaged);
        }
      }
      for (let end = 0; end < bytes.length; end += 7) accepted += compare(bytes.slice(0, end));
    }
    expect(accepted).toBeGreaterThan(0);

    function compare(damaged: Uint8Array): number {
      let tree: JsonObject;
      try {
        tree = read(damaged).document.tree;
      } catch (error) {
        expect(error).toMatchObject({ name: 'TufError', code: expect.stringMatching(/^METADATA_/) });
        return 0;
      }
      expect(plain(tree)).toEqual(smol(damaged));
      return 1;
    }
  });
});

describe('limits', () => {
  const lines = 'spec-version = 1\nversion = 1\nexpires = "2030-01-01T00:00:00Z"\n';
  const read = (more: string, toml = {}) => parseTomlTimestamp(encode(`${lines}${more}`), { toml });
  const refused = (code: string) => expect.objectContaining({ code });

  it('hold at the limit, and one beyond it not', () => {
    const { depth, timestampBytes } = TOML_LIMITS;
    const deep = (levels: number) => `a = ${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(() => read(deep(depth))).not.toThrow();
    expect(() => read(deep(depth + 1))).toThrow(refused('METADATA_TOML'));
    const dots = (levels: number) => `${'a.'.repeat(levels - 1)}a = 1`;
    expect(() => read(dots(depth))).not.toThrow();
    expect(() => read(dots(depth + 1))).toThrow(refused('METADATA_TOML'));
    const long = (bytes: number) => '#'.repeat(bytes - lines.length);
    expect(() => read(long(timestampBytes))).not.toThrow();
    expect(() => read(long(timestampBytes + 1))).toThrow(refused('METADATA_LIMIT'));
    expect(() => read('a = "1234"', { stringLength: 20 })).not.toThrow();
    expect(() => read('a = "123456789012345678901"', { stringLength: 20 })).toThrow(refused('METADATA_TOML'));
    expect(() => read('', { values: 3 })).not.toThrow();
    expect(() => read('a = 1', { values: 3 })).toThrow(refused('METADATA_TOML'));
  });

  it('does not take long for what is nested or long', () => {
    const bytes = encode(`a = [1 #${'#\n'.repeat(200_000)}`);
    const before = performance.now();
    for (const each of [
      bytes,
      encode('['.repeat(400_000)),
      encode('a.'.repeat(200_000)),
      encode('"'.repeat(400_000)),
    ])
      expect(() => parseTomlRoot(each)).toThrow(refused('METADATA_TOML'));
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

describe('what is written for the root', () => {
  it('keeps a role that is taken away out', () => {
    const [, vectors] = files[0] as (typeof files)[number];
    const root = parseTomlRoot(vectors[2] as Uint8Array);
    expect([...root.roles.keys()].toSorted()).toEqual([
      'mirrors',
      'root',
      'snapshot',
      'targets',
      'timestamp',
    ]);
    const roles = new Map([...root.roles].filter(([name]) => name !== 'mirrors'));
    const written = parseTomlRoot(formatTomlRoot({ ...root, version: 2, roles }));
    expect(written.roles).toEqual(roles);
    expect(written.version).toBe(2);
  });

  it('refuses what would not be read', () => {
    const [, vectors] = files[0] as (typeof files)[number];
    const root = parseTomlRoot(vectors[0] as Uint8Array);
    expect(() => formatTomlRoot({ ...root, keys: new Map() })).toThrow(refusedKey());
    expect(() => formatTomlRoot({ ...root, version: 0 })).toThrow(/version/);
  });
  const refusedKey = () => expect.objectContaining({ code: 'METADATA_KEY' });
});
