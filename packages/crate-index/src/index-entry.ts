// The index entry of a crate: the file at its index path, one line a version, oldest first.
//
//   {"name":"itoa","vers":"0.1.0",…}⏎
//   {"name":"itoa","vers":"0.1.1",…}⏎

import { isTufError } from '@cargo-tuf/errors';
import type { CrateName } from './crate-name.ts';
import { fail } from './errors.ts';
import { parseIndexPath } from './index-path.ts';
import { formatIndexVersion, type IndexVersion, parseIndexVersion } from './index-version.ts';
import { INDEX_LIMITS } from './limits.ts';
import { withoutBuild } from './version.ts';

export interface IndexEntry {
  readonly name: CrateName;
  readonly versions: readonly IndexVersion[];
}

/**
 * Reads the entry at `path`. Rules:
 *
 * 1. at least one line; every line is a JSON object; no empty line; the last newline may be missing
 * 2. every line names the crate of `path`, all in one spelling
 * 3. no version twice, whatever its build metadata
 *
 * Throws `INDEX_*`; `details.line` counts from 1.
 */
export function parseIndexEntry(path: string, bytes: Uint8Array): IndexEntry {
  const lowerName = parseIndexPath(path);
  const versions = splitLines(path, bytes).map((line, index) =>
    atLine(path, index + 1, () => parseIndexVersion(line)),
  );
  const first = versions[0] as IndexVersion;
  const seen = new Set<string>();
  for (const [index, version] of versions.entries()) {
    const details = { line: index + 1, path, name: version.name, version: version.vers };
    if (version.name.toLowerCase() !== lowerName || version.name !== first.name) {
      throw fail(
        'INDEX_WRONG_CRATE',
        `${path}: line ${index + 1} names "${version.name}", expected "${lowerName}"`,
        {
          details: { ...details, expected: first.name.toLowerCase() === lowerName ? first.name : lowerName },
        },
      );
    }
    if (seen.has(withoutBuild(version.vers))) {
      throw fail('INDEX_DUPLICATE', `${path}: line ${index + 1} repeats version ${version.vers}`, {
        details,
      });
    }
    seen.add(withoutBuild(version.vers));
  }
  return { name: first.name, versions };
}

/** Every line as `formatIndexVersion` gives it, each with a newline. */
export function formatIndexEntry(versions: readonly IndexVersion[]): Uint8Array {
  const lines = versions.map(formatIndexVersion);
  const out = new Uint8Array(lines.reduce((length, line) => length + line.length + 1, 0)).fill(NEWLINE);
  let position = 0;
  for (const line of lines) {
    out.set(line, position);
    position += line.length + 1;
  }
  return out;
}

const NEWLINE = 0x0a;

function splitLines(path: string, bytes: Uint8Array): readonly Uint8Array[] {
  limit(path, 'bytes', bytes.length, INDEX_LIMITS.entryBytes);
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    lines.push(bytes.subarray(start, end));
    limit(path, 'versions', lines.length, INDEX_LIMITS.versions);
    start = end + 1;
  }
  if (lines.length === 0) throw fail('INDEX_LINE', `${path}: no line, expected at least one`);
  return lines;
}

function limit(path: string, what: string, count: number, most: number): void {
  if (count <= most) return;
  throw fail('INDEX_LIMIT', `${path}: ${count} ${what}, at most ${most}`, {
    details: { path, count, limit: most },
  });
}

/** Says on which line of which entry a refusal happened. */
function atLine<T>(path: string, line: number, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!isTufError<Parameters<typeof fail>[0]>(cause)) throw cause;
    throw fail(cause.code, `${path}: line ${line}: ${cause.message}`, {
      cause,
      details: { ...cause.details, path, line },
    });
  }
}
