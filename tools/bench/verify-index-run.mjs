// @ts-check
// One run of verify-index.mjs in a process of its own: `node verify-index-run.mjs sign|verify|resume FOLDER`. `sign` makes the map
// of FOLDER/index, and keeps its tiles in the store FOLDER/store; `verify` compares the folder with it, with two workers, as
// `cargo tuf verify --index` does after a sync; `resume` does it again with the progress of a run that was interrupted near its
// end. Prints milliseconds as one line of JSON.

import { readFileSync, writeFileSync } from 'node:fs';
import { CLIENT_LIMITS, Snapshot } from '@cargo-tuf/client';
import { openFolderStore } from '@cargo-tuf/folder-store';
import { buildIndexMap, hashFolder } from '@cargo-tuf/hash-workers';
import { encodeHex } from '@cargo-tuf/keys';
import { cutFor, packLeaves } from '@cargo-tuf/merkle-snapshot';
import { importSource } from './import-source.mjs';

const REPOSITORY = new Uint8Array(32).fill(7);

const [what = '', folder = ''] = process.argv.slice(2);
if (what === 'sign') await sign();
else await verify(what === 'resume');

async function sign() {
  /** @type {import('@cargo-tuf/merkle-snapshot').Leaf[]} */
  const leaves = [];
  await hashFolder(`${folder}/index`, { limit: 1 << 24, workers: 2 }, ({ paths, hashes }) => {
    for (const [at, path] of paths.entries()) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const sha256 = hashes.slice(32 * at, 32 * at + 32);
      leaves.push({ name, kind: 'entry', version: 1, length: 1, sha256 });
    }
  });
  const store = await openFolderStore(`${folder}/store`);
  const { root, size } = await buildIndexMap(REPOSITORY, packLeaves(leaves), {
    cut: cutFor(leaves.length),
    sink: ({ hash, bytes }) => store.keep('tile', encodeHex(hash), bytes.slice()),
  });
  await store.settled();
  writeFileSync(`${folder}/map`, JSON.stringify({ root: encodeHex(root), size }));
}

/** @param {boolean} isResumed */
async function verify(isResumed) {
  const { TufIndex } = await importSource('packages/cargo-tuf-lib/src/tuf-index.ts', [
    '@cargo-tuf/hash-workers',
  ]);
  const options = { workers: 2, ...(isResumed && { progressFile: `${folder}/progress` }) };
  if (isResumed) await interrupt(new TufIndex(await openSnapshot()), options);
  const index = new TufIndex(await openSnapshot());
  const [begun, used] = [performance.now(), process.cpuUsage()];
  const report = await index.verifyFolder(`${folder}/index`, options);
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(used);
  const isRight = report.changed.length + report.missing.length + report.unsigned.length === 0;
  console.log(JSON.stringify({ files: isRight ? report.verified : 0, wall, cpu: (user + system) / 1000 }));
}

/** A state of which only the map matters. What a sync verifies before it is small and is not measured here. */
async function openSnapshot() {
  const map = { version: 1, ...JSON.parse(readFileSync(`${folder}/map`, 'utf8')) };
  const role = { value: { version: 1, expires: 0, map } };
  const root = {
    value: { version: 1, expires: 0, repository: encodeHex(REPOSITORY), index: { kind: 'map' } },
  };
  /** @type {any} */
  const trusted = { root, delegated: new Map([['crates', role]]) };
  return new Snapshot(
    /** @type {any} */ ({
      trusted,
      source: undefined,
      store: await openFolderStore(`${folder}/store`),
      limits: CLIENT_LIMITS,
      clock: Date.now,
      time: Date.now(),
    }),
  );
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
