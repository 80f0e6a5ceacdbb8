// Nothing that stands in a signed object can change without the payload or the signature changing with it.
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
} from '@cargo-tuf/git-object';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

interface Vector {
  readonly description: string;
  readonly format: ObjectFormat;
  readonly object: string;
  readonly expect: string;
}

function signedVectors(name: string): readonly Vector[] {
  const url = new URL(`../../../test-vectors/git-object/${name}.json`, import.meta.url);
  const all = JSON.parse(readFileSync(url, 'utf8')) as readonly Vector[];
  return all.filter(vector => vector.expect === 'ok' && /signed|merged|kinds/.test(vector.description));
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

/** The error's code, or undefined when `work` returns. Whatever is not an error of ours is thrown on. */
function refusal(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    const code: unknown = (error as { code?: unknown }).code;
    if (typeof code === 'string' && code.startsWith('GIT_OBJECT_')) return code;
    throw error;
  }
}

describe.each(['commit', 'tag'] as const)('a damaged %s', type => {
  it.each(signedVectors(`${type}s`))(
    '$format: $description: every bit and every truncation',
    ({ format, object }) => {
      const bytes = bytesOf(object);
      const id = objectId(type, bytes, format);
      const before = signedPayload(type, bytes, format);
      const check = (damaged: Uint8Array): void => {
        const refused = refusal(() => {
          const after = signedPayload(type, damaged, format);
          const again =
            type === 'commit'
              ? formatCommit(parseCommit(damaged, format), format)
              : formatTag(parseTag(damaged, format), format);
          expect(same(again, damaged)).toBe(true);
          expect(same(after.payload, before.payload) && after.signature === before.signature).toBe(false);
        });
        if (refused === undefined) expect(objectId(type, damaged, format)).not.toBe(id);
      };
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const damaged = bytes.slice();
        damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
        check(damaged);
      }
      for (let length = 0; length < bytes.length; length += 1) check(bytes.slice(0, length));
    },
  );
});

describe('a damaged tree', () => {
  it.each(signedVectors('trees'))(
    '$format: $description: what is accepted is written again as it was',
    ({ format, object }) => {
      const bytes = bytesOf(object);
      let accepted = 0;
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const damaged = bytes.slice();
        damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
        const refused = refusal(() =>
          expect(same(formatTree(parseTree(damaged, format), format), damaged)).toBe(true),
        );
        if (refused === undefined) accepted += 1;
      }
      expect(accepted).toBeGreaterThan(0); // a bit of an id or of a name makes another tree
    },
  );
});

describe('any fields', () => {
  const format = 'sha256';
  const id = fc.uint8Array({ minLength: 1, maxLength: 4 }).map(bytes => objectId('blob', bytes, format));
  const name = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter(text => !/[\p{Cc}\p{Cs}<>]|^ | $/u.test(text));
  const identity = fc.record({
    name,
    email: name,
    time: fc.nat(),
    zone: fc.constantFrom('+0000', '-0330', '+1400'),
  });
  const message = fc.uint8Array({ maxLength: 60 }).map(bytes => bytes.map(byte => byte || 0x0a));
  const signature = fc.constant('-----BEGIN PGP SIGNATURE-----\n\niHUE\n-----END PGP SIGNATURE-----\n');

  it('of a commit come back', () => {
    const commits = fc.record(
      {
        tree: id,
        parents: fc.uniqueArray(id, { maxLength: 2 }),
        author: identity,
        committer: identity,
        encoding: fc.constantFrom('UTF-8', 'x'),
        mergeTags: fc.array(
          message.map(bytes => Uint8Array.of(0x61, ...bytes.map(byte => (byte === 13 ? 65 : byte)), 0x0a)),
          { maxLength: 2 },
        ),
        signature,
        message,
      },
      { requiredKeys: ['tree', 'parents', 'author', 'committer', 'mergeTags', 'message'] },
    );
    fc.assert(
      fc.property(commits, commit => {
        expect(parseCommit(formatCommit(commit, format), format)).toEqual(commit);
      }),
      { numRuns: 300 },
    );
  });

  it('of a tree come back, in the order of git', () => {
    const kinds = fc.constantFrom('file', 'executable', 'link', 'tree', 'submodule');
    const names = fc.string({
      unit: fc.constantFrom('a', '.', '-', '0', 'é', '\u{1f600}'),
      minLength: 1,
      maxLength: 4,
    });
    const trees = fc.uniqueArray(
      fc.tuple(
        names.filter(text => !/^\.{1,2}$/.test(text)),
        fc.record({ kind: kinds, id }),
      ),
      {
        selector: ([key]) => key,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(trees, entries => {
        const tree = parseTree(formatTree(entries, format), format);
        expect(tree).toEqual(new Map(entries));
      }),
      { numRuns: 300 },
    );
  });
});
