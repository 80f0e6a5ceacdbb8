import { readFileSync } from 'node:fs';
import {
  compareVersions,
  expandDownloadTemplate,
  foldCrateName,
  indexPath,
  normaliseRequirement,
  parseCrateName,
  parseIndexEntry,
  parseIndexPath,
  parseRegistryConfig,
  parseVersion,
} from '@cargo-tuf/crate-index';
import { describe, expect, it } from 'vitest';

type Case<T> = T & { readonly description: string; readonly expect: string };

function casesOf<T>(name: string): readonly Case<T>[] {
  const url = new URL(`../../../test-vectors/crate-index/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as readonly Case<T>[];
}

/** The code of what `work` throws, or what it returns. */
function outcomeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

function check(vector: Case<unknown>, result: unknown, work: () => unknown): void {
  expect(outcomeOf(work)).toEqual(vector.expect === 'ok' ? result : vector.expect);
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

describe('test-vectors/crate-index', () => {
  it.each(casesOf<{ name: string; path: string; folded: string }>('names'))(
    '$description: $name: $expect',
    vector => {
      const { folded, name, path } = vector;
      check(vector, { name, path, folded }, () => {
        const parsed = parseCrateName(name);
        return { name: parsed, path: indexPath(parsed), folded: foldCrateName(parsed) };
      });
      if (vector.expect !== 'ok') check(vector, path, () => indexPath(name));
    },
  );

  it.each(casesOf<{ path: string; name: string }>('paths'))('$description: $path: $expect', vector => {
    check(vector, vector.name, () => parseIndexPath(vector.path));
  });

  it.each(casesOf<{ version: string }>('versions'))('$description: $version: $expect', vector => {
    check(vector, vector.version, () => parseVersion(vector.version));
  });

  it.each(casesOf<{ versions: readonly string[]; same?: boolean }>('order'))(
    '$description',
    ({ same, versions }) => {
      const parsed = versions.map(parseVersion);
      for (const [left, one] of parsed.entries()) {
        for (const [right, two] of parsed.entries()) {
          const expected = same === true ? 0 : Math.sign(left - right);
          expect(Math.sign(compareVersions(one, two)), `${one} and ${two}`).toBe(expected);
        }
      }
    },
  );

  const requirements = casesOf<{ requirement: string; normalised: string }>('requirements');
  it.each(requirements)('$description: $requirement: $expect', vector => {
    check(vector, vector.normalised, () => normaliseRequirement(vector.requirement));
    if (vector.expect === 'ok') expect(normaliseRequirement(vector.normalised)).toBe(vector.normalised);
  });

  const entries = casesOf<{ path: string; entry: string; versions: readonly string[] }>('entries');
  it.each(entries)('entry: $description: $expect', vector => {
    const work = () =>
      parseIndexEntry(vector.path, bytesOf(vector.entry)).versions.map(version => version.vers);
    check(vector, vector.versions, work);
  });

  const downloads = casesOf<{ dl: string; crate: string; version: string; sha256: string; url: string }>(
    'downloads',
  );
  it.each(downloads)('download: $description: $expect', vector => {
    check(vector, vector.url, () => expandDownloadTemplate(vector.dl, vector));
  });

  it.each(casesOf<{ config: string; result?: unknown }>('configs'))(
    'config: $description: $expect',
    vector => {
      check(vector, vector.result, () => parseRegistryConfig(bytesOf(vector.config)));
    },
  );
});
