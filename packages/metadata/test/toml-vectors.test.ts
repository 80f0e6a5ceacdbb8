// test-vectors/metadata/toml-*.json: `lines` is the file, one line feed after each; or `hex`, its bytes.
import { readFileSync } from 'node:fs';
import {
  formatTomlRoot,
  formatTomlTargets,
  formatTomlTimestamp,
  parseTomlRoot,
  parseTomlTargets,
  parseTomlTimestamp,
} from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';

interface Vector {
  readonly description: string;
  readonly lines?: readonly string[];
  readonly hex?: string;
  /** How it is written again, when not as it was read. */
  readonly written?: readonly string[];
  readonly expect: string;
}

const file = (lines: readonly string[]) => new TextEncoder().encode(lines.map(line => `${line}\n`).join(''));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).split('\n').slice(0, -1);

const again: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  root: bytes => formatTomlRoot(parseTomlRoot(bytes)),
  timestamp: bytes => formatTomlTimestamp(parseTomlTimestamp(bytes)),
  targets: bytes => formatTomlTargets(parseTomlTargets(bytes)),
};

describe.each(Object.keys(again))('toml-%s.json', role => {
  const url = new URL(`../../../test-vectors/metadata/toml-${role}.json`, import.meta.url);
  const vectors = JSON.parse(readFileSync(url, 'utf8')) as readonly Vector[];
  const write = again[role] as (bytes: Uint8Array) => Uint8Array;

  it.each(vectors.map(vector => [vector.description, vector] as const))('%s', (_, vector) => {
    const bytes = vector.hex === undefined ? file(vector.lines ?? []) : Buffer.from(vector.hex, 'hex');
    if (vector.expect !== 'ok') {
      expect(() => write(bytes)).toThrow(expect.objectContaining({ name: 'TufError', code: vector.expect }));
      return;
    }
    expect(text(write(bytes))).toEqual(vector.written ?? vector.lines);
    expect(write(write(bytes))).toEqual(write(bytes));
  });
});
