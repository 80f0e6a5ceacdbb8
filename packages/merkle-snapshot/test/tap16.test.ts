import { createHash } from 'node:crypto';
import { formatTap16, type Tap16Leaf, verifyTap16 } from '@cargo-tuf/merkle-snapshot';
import { describe, expect, it } from 'vitest';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const rolesOf = (count: number): Map<string, Tap16Leaf> =>
  new Map(Array.from({ length: count }, (_, at) => [`role${at}`, { version: at + 1 }]));

/** The same tree in the fewest words: the list is halved until one hash is left. */
function referenceRoot(hashes: readonly string[]): string {
  if (hashes.length <= 1) return hashes[0] ?? '0'.repeat(64);
  const next: string[] = [];
  for (let at = 0; at < hashes.length; at += 2) {
    const right = hashes[at + 1];
    next.push(right === undefined ? String(hashes[at]) : sha(`${hashes[at]}${right}`));
  }
  return referenceRoot(next);
}

describe('a snapshot of TAP 16', () => {
  it('has the root of the proof of concept for its three roles', () => {
    const roles = new Map(['targets', 'role2', 'role1'].map(name => [name, { version: 1 }]));
    const { root, files } = formatTap16(roles);
    expect(root).toBe('76eb3066cb278633fda18fa6e3ae33d783ff154e813e2752eb7bc8b65568a41b');
    // A role without a pair goes up as it is, so its path has one hash.
    const pair = sha(sha('{"name":"role1","version":1}') + sha('{"name":"role2","version":1}'));
    expect(textOf(files.get('targets'))).toBe(
      `{"leaf_contents":{"name":"targets","version":1},"merkle_path":{"0":"${pair}"},"path_directions":{"0":1}}`,
    );
  });

  it('of any number of roles leads from each of them to its root', () => {
    for (let count = 0; count <= 130; count++) {
      const roles = rolesOf(count);
      const { root, files } = formatTap16(roles);
      const names = [...roles.keys()].sort((a, b) => (`${a}.json` < `${b}.json` ? -1 : 1));
      const leaves = names.map(name => sha(JSON.stringify({ name, version: roles.get(name)?.version })));
      expect(root).toBe(referenceRoot(leaves));
      for (const [name, bytes] of files) expect(verifyTap16(bytes, name, root)).toEqual(roles.get(name));
    }
  });

  it('keeps length and hashes', () => {
    const leaf = { version: 7, length: 12, hashes: new Map([['sha256', 'ab'.repeat(32)]]) };
    const { root, files } = formatTap16(new Map([['crates', leaf]]));
    expect(verifyTap16(files.get('crates') as Uint8Array, 'crates', root)).toEqual(leaf);
  });

  it('answers for no role but the one that was asked for', () => {
    const { root, files } = formatTap16(rolesOf(9));
    expect(() => verifyTap16(files.get('role3') as Uint8Array, 'role4', root)).toThrow(
      expect.objectContaining({ code: 'MERKLE_PROOF_PLACE', kind: 'security' }),
    );
  });

  it('is not an older one', () => {
    const before = formatTap16(rolesOf(9));
    const after = formatTap16(rolesOf(9).set('role1', { version: 40 }));
    expect(() => verifyTap16(before.files.get('role5') as Uint8Array, 'role5', after.root)).toThrow(
      expect.objectContaining({ code: 'MERKLE_PROOF_ROOT', kind: 'security' }),
    );
  });

  it('with any bit flipped, and cut at any byte, is refused', () => {
    const { root, files } = formatTap16(rolesOf(5));
    const bytes = files.get('role2') as Uint8Array;
    const refused = expect.objectContaining({ code: expect.stringMatching(/^MERKLE_/) });
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.with(bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)));
      expect(() => verifyTap16(damaged, 'role2', root), `bit ${bit}`).toThrow(refused);
    }
    for (let length = 0; length < bytes.length; length++)
      expect(() => verifyTap16(bytes.subarray(0, length), 'role2', root)).toThrow(refused);
  });

  const [leaf, hash] = ['"leaf_contents":{"name":"a","version":1}', 'ab'.repeat(32)];
  it.each([
    ['no object', '[]'],
    ['no leaf', '{"merkle_path":{},"path_directions":{}}'],
    ['no path', `{${leaf},"path_directions":{}}`],
    ['other directions than hashes', `{${leaf},"merkle_path":{"0":"${hash}"},"path_directions":{}}`],
    ['a direction that is none', `{${leaf},"merkle_path":{"0":"${hash}"},"path_directions":{"0":0}}`],
    ['an index that is skipped', `{${leaf},"merkle_path":{"1":"${hash}"},"path_directions":{"1":1}}`],
    ['an index in another spelling', `{${leaf},"merkle_path":{"00":"${hash}"},"path_directions":{"00":1}}`],
    ['an index that is a name', `{${leaf},"merkle_path":{"__proto__":"${hash}"},"path_directions":{"0":1}}`],
    ['a hash in capitals', `{${leaf},"merkle_path":{"0":"${hash.toUpperCase()}"},"path_directions":{"0":1}}`],
    ['a key twice', `{${leaf},${leaf},"merkle_path":{},"path_directions":{}}`],
    [
      'a path without end',
      `{${leaf},"merkle_path":{${members(65, `"${hash}"`)}},"path_directions":{${members(65, '1')}}}`,
    ],
  ])('with %s is no file of TAP 16', (_, text) => {
    expect(() => verifyTap16(utf8(text), 'a', hash)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^MERKLE_(?:SYNTAX|LIMIT)$/),
        kind: 'malformed',
      }),
    );
  });

  it.each(['"version":0', '"version":"1"', '"version":1,"length":-1', '"version":1,"hashes":[]'])(
    'that is proved and says %s is refused',
    members => {
      const contents = `{${members.includes('hashes') ? '"hashes":[],"name":"a","version":1' : orderOf(members)}}`;
      const file = `{"leaf_contents":${contents},"merkle_path":{},"path_directions":{}}`;
      expect(() => verifyTap16(utf8(file), 'a', sha(contents))).toThrow(
        expect.objectContaining({ code: 'MERKLE_SYNTAX' }),
      );
    },
  );

  it('of a version that is none is not written', () => {
    for (const version of [0, 1.5, Number.NaN, 2 ** 53])
      expect(() => formatTap16(new Map([['a', { version }]]))).toThrow(
        expect.objectContaining({ code: 'MERKLE_LEAF', kind: 'misuse' }),
      );
  });
});

function members(count: number, value: string): string {
  return Array.from({ length: count }, (_, index) => `"${index}":${value}`).join(',');
}

/** In canonical order, so that the hash is that of the text. */
function orderOf(text: string): string {
  const [version, length] = text.split(',');
  return [length, '"name":"a"', version].filter(Boolean).join(',');
}
