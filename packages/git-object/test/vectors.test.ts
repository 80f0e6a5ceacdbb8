import { readFileSync } from 'node:fs';
import {
  formatCommit,
  formatTag,
  formatTree,
  type ObjectFormat,
  objectId,
  parseCommit,
  parseTag,
  parseTree,
  signedPayload,
  withSignature,
} from '@cargo-tuf/git-object';
import { describe, expect, it } from 'vitest';

interface Case {
  readonly description: string;
  readonly format: ObjectFormat;
  readonly object: string;
  readonly expect: string;
  readonly id?: string;
  readonly payload?: string;
  readonly signature?: string | null;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly entries?: readonly unknown[];
}

function casesOf(name: string): readonly Case[] {
  const url = new URL(`../../../test-vectors/git-object/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as readonly Case[];
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function codeOf(work: () => unknown): unknown {
  try {
    work();
    return 'ok';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('test-vectors/git-object', () => {
  it.each(casesOf('commits'))('commit of $format: $description: $expect', vector => {
    const bytes = bytesOf(vector.object);
    expect(codeOf(() => parseCommit(bytes, vector.format))).toBe(vector.expect);
    expect(codeOf(() => signedPayload('commit', bytes, vector.format))).toBe(vector.expect);
    if (vector.expect !== 'ok') return;
    const commit = parseCommit(bytes, vector.format);
    expect(objectId('commit', bytes, vector.format)).toBe(vector.id);
    expect(hexOf(formatCommit(commit, vector.format))).toBe(vector.object);
    expect({
      tree: commit.tree,
      parents: commit.parents,
      author: commit.author,
      committer: commit.committer,
      encoding: commit.encoding ?? null,
      mergeTags: commit.mergeTags.map(hexOf),
      message: hexOf(commit.message),
    }).toEqual(vector.fields);
    checkSigned('commit', vector);
  });

  it.each(casesOf('tags'))('tag of $format: $description: $expect', vector => {
    const bytes = bytesOf(vector.object);
    expect(codeOf(() => parseTag(bytes, vector.format))).toBe(vector.expect);
    expect(codeOf(() => signedPayload('tag', bytes, vector.format))).toBe(vector.expect);
    if (vector.expect !== 'ok') return;
    const { object, type, name, tagger, message } = parseTag(bytes, vector.format);
    expect(objectId('tag', bytes, vector.format)).toBe(vector.id);
    expect(hexOf(formatTag(parseTag(bytes, vector.format), vector.format))).toBe(vector.object);
    expect({ object, type, name, tagger, message: hexOf(message) }).toEqual(vector.fields);
    checkSigned('tag', vector);
  });

  it.each(casesOf('trees'))('tree of $format: $description: $expect', vector => {
    const bytes = bytesOf(vector.object);
    expect(codeOf(() => parseTree(bytes, vector.format))).toBe(vector.expect);
    if (vector.expect !== 'ok') return;
    const tree = parseTree(bytes, vector.format);
    expect(Array.from(tree, ([name, entry]) => ({ name, ...entry }))).toEqual(vector.entries);
    expect(hexOf(formatTree([...tree].reverse(), vector.format))).toBe(vector.object);
    expect(objectId('tree', bytes, vector.format)).toBe(vector.id);
  });
});

it('every code has a case, but for the one of hashing in pieces', () => {
  const source = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/^ {2}(GIT_OBJECT_[A-Z_]+):/gm)].map(([, name]) => name);
  const seen = ['commits', 'tags', 'trees', 'sha1'].flatMap(name => casesOf(name).map(each => each.expect));
  expect(codes.filter(each => !seen.includes(each))).toEqual(['GIT_OBJECT_LENGTH']);
});

function checkSigned(type: 'commit' | 'tag', vector: Case): void {
  const bytes = bytesOf(vector.object);
  const { payload, signature } = signedPayload(type, bytes, vector.format);
  expect(hexOf(payload)).toBe(vector.payload);
  expect(signature ?? null).toBe(vector.signature);
  expect(hexOf(withSignature(type, bytes, undefined, vector.format))).toBe(vector.payload);
  expect(hexOf(withSignature(type, payload, signature, vector.format))).toBe(vector.object);
}
