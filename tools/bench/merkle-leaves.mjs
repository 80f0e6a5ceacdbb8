// @ts-check

/**
 * Names of about 16 characters, lengths and hashes that differ.
 * @param {number} count @returns {Generator<import('@cargo-tuf/merkle-snapshot').Leaf>}
 */
export function* madeLeaves(count) {
  for (let index = 0; index < count; index++) {
    const sha256 = new Uint8Array(32).fill(index & 255);
    sha256[1] = (index >> 8) & 255;
    sha256[2] = (index >> 16) & 255;
    const name = `${WORDS[index % WORDS.length]}-${(index * 7).toString(36)}`;
    yield { name, kind: 'entry', version: 1 + (index % 40_000), length: 500 + (index % 90_000), sha256 };
  }
}

const WORDS = [
  'async',
  'serialize',
  'http',
  'parser',
  'crypto-core',
  'a',
  'windows-sys',
  'derive',
  'tokenizer',
];
