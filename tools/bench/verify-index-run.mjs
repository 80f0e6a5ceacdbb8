// @ts-check
// One run of verify-index.mjs in a process of its own: `node verify-index-run.mjs sign|verify|resume FOLDER`. `sign` makes the map
// of FOLDER/index and its tiles, in FOLDER/map; `verify` compares the folder with it, with two workers; `resume` does it again
// with the progress of a run that was interrupted when all was verified. Prints milliseconds as one line of JSON.

import { readFileSync, writeFileSync } from 'node:fs';
import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { hashFolder } from '@cargo-tuf/hash-workers';
import { encodeHex } from '@cargo-tuf/keys';
import { MerkleTree } from '@cargo-tuf/merkle-snapshot';
import { importSource } from './import-source.mjs';

const SHAPE = {
  map: /** @type {const} */ (1),
  repository: new Uint8Array(32).fill(7),
  path: indexPathOfLowerCase,
};
const CUT = { bucket: 32, fanOut: 128 };

const [what = '', folder = ''] = process.argv.slice(2);
if (what === 'sign') await sign();
else await verify(what === 'resume');

async function sign() {
  /** @type {import('@cargo-tuf/merkle-snapshot').Leaf[]} */
  const leaves = [];
  await hashFolder(`${folder}/index`, { limit: 1 << 24, workers: 2 }, ({ paths, hashes }) => {
    for (const [at, path] of paths.entries()) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      leaves.push({
        name,
        kind: 'entry',
        version: 1,
        length: 1,
        sha256: hashes.slice(32 * at, 32 * at + 32),
      });
    }
  });
  const tree = MerkleTree.from(SHAPE, leaves);
  const tiles = [...tree.with([], CUT).tiles()].map(({ hash, bytes, counts }) => ({
    hash: encodeHex(hash),
    bytes: Buffer.from(bytes).toString('base64'),
    counts: counts && Buffer.from(counts).toString('base64'),
  }));
  writeFileSync(`${folder}/map`, JSON.stringify({ root: encodeHex(tree.root), size: tree.size, tiles }));
}

/** @param {boolean} isResumed */
async function verify(isResumed) {
  const { TufIndex } = await importSource('packages/cargo-tuf-lib/src/tuf-index.ts', [
    '@cargo-tuf/hash-workers',
  ]);
  const { root, size, tiles } = JSON.parse(readFileSync(`${folder}/map`, 'utf8'));
  const stored = new Map(
    tiles.map((/** @type {any} */ tile) => [tile.hash, Buffer.from(tile.bytes, 'base64')]),
  );
  const counts = new Map(
    tiles.map((/** @type {any} */ tile) => [
      tile.hash,
      tile.counts ? Buffer.from(tile.counts, 'base64') : null,
    ]),
  );
  const start = performance.now();
  const tree = await MerkleTree.read(
    SHAPE,
    { root: Buffer.from(root, 'hex'), size },
    {
      tile: async hash => stored.get(encodeHex(hash)) ?? null,
      counts: async hash => counts.get(encodeHex(hash)) ?? null,
    },
  );
  const read = performance.now();
  const index = new TufIndex({ tree: async () => tree });
  const options = { workers: 2, ...(isResumed && { progressFile: `${folder}/progress` }) };
  if (isResumed) await interrupt(index, options);
  const begun = performance.now();
  const report = await index.verifyFolder(`${folder}/index`, options);
  const ended = performance.now();
  const files =
    report.changed.length + report.missing.length + report.unsigned.length === 0 ? report.verified : 0;
  console.log(JSON.stringify({ files, map: read - start, folder: ended - begun }));
}

/** @param {any} index @param {object} options */
async function interrupt(index, options) {
  const stop = new Error('stop');
  const onProgress = (/** @type {number} */ done, /** @type {number} */ total) => {
    if (done >= 0.97 * total) throw stop;
  };
  await index
    .verifyFolder(`${folder}/index`, { ...options, onProgress })
    .catch((/** @type {unknown} */ error) => {
      if (/** @type {any} */ (error).cause !== stop) throw error;
    });
}
