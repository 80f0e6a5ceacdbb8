// @ts-check
// One measured run of merkle.mjs in a process of its own, on two threads: `node merkle-run.mjs raw|root|tiles|proofs FILE N`.
// Time counts from after the imports, with the start of the threads. Prints one line of JSON.

import { closeSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { buildIndexMap } from '@cargo-tuf/hash-workers';
import { sha256Into } from '@cargo-tuf/keys';
import { decodeProof, encodeProof, MerkleTree, verifyProof } from '@cargo-tuf/merkle-snapshot';
import { madeLeaves } from './merkle-leaves.mjs';

const THREADS = 2;
const CUT = { bucket: 32, fanOut: 128 };
const REPOSITORY = new Uint8Array(32).fill(7);
const SHAPE = { map: /** @type {const} */ (1), repository: REPOSITORY, path: indexPathOfLowerCase };
/** Nodes with two children or more for each leaf: facts of a prefix tree. */
const NODES_OF_LEAF = 1.4427;

/** @typedef {{ name: string, proof: Uint8Array }} NamedProof */

if (isMainThread) await main();
else if (workerData.proofs === undefined) hashBare(workerData.leaves);
else verifyAll(workerData.root, workerData.proofs);

async function main() {
  const [what = '', file = '', size = ''] = process.argv.slice(2);
  const leaves = Number(size);
  if (what === 'proofs') {
    const { root, proofs } = makeProofs(leaves);
    const share = Math.ceil(proofs.length / THREADS);
    const parts = Array.from({ length: THREADS }, (_, at) => proofs.slice(at * share, (at + 1) * share));
    const times = await onThreads(parts.map(part => ({ root, proofs: part })));
    // Each thread has verified its share twice; the second time counts, without what a first time compiles.
    console.log(JSON.stringify({ rate: proofs.length / (Math.max(...times) / 1000) }));
    return;
  }
  const [time, cpu] = [performance.now(), process.cpuUsage()];
  if (what === 'raw') await onThreads(Array.from({ length: THREADS }, () => ({ leaves: leaves / THREADS })));
  else {
    let bytes = 0;
    const sink = (/** @type {import('@cargo-tuf/merkle-snapshot').Tile} */ tile) =>
      void (bytes += tile.bytes.length);
    const options = { cut: CUT, workers: THREADS, ...(what === 'tiles' && { sink }) };
    const built = await buildIndexMap(REPOSITORY, piecesOf(file), options);
    if (built.size !== leaves) throw new Error(`${built.size} leaves, expected ${leaves}`);
  }
  const wall = performance.now() - time;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    JSON.stringify({ wall, cpu: (user + system) / 1000, memory: process.resourceUsage().maxRSS * 1024 }),
  );
}

/** @param {readonly object[]} inputs one for each thread @returns {Promise<number[]>} what each has sent */
function onThreads(inputs) {
  return Promise.all(
    inputs.map(
      input =>
        new Promise((resolve, reject) => {
          const worker = new Worker(fileURLToPath(import.meta.url), { workerData: input });
          worker.on('message', resolve);
          worker.on('error', reject);
        }),
    ),
  );
}

/** As many SHA-256 as so many leaves take, of messages as long as theirs, and nothing else. @param {number} leaves */
function hashBare(leaves) {
  const out = new Uint8Array(32 * 1024);
  for (const [length, count] of /** @type {const} */ ([
    [20, leaves],
    [115, leaves],
    [65, Math.round(leaves * NODES_OF_LEAF)],
  ])) {
    const message = new Uint8Array(length);
    for (let at = 0; at < count; at++) {
      message[at & 15] = at;
      sha256Into(message, out, 32 * (at & 1023));
    }
  }
  parentPort?.postMessage(0);
}

/** @param {string} file */
function* piecesOf(file) {
  const input = openSync(file, 'r');
  const length = Buffer.alloc(4);
  while (readSync(input, length) === 4) {
    const piece = new Uint8Array(length.readUInt32LE());
    readSync(input, piece);
    yield piece;
  }
  closeSync(input);
}

/** Proofs of every fourth leaf, and of as many absent names. @param {number} count */
function makeProofs(count) {
  const leaves = [...madeLeaves(count)];
  const tree = MerkleTree.from(SHAPE, leaves);
  const names = leaves.filter((_, at) => at % 4 === 0).flatMap(({ name }) => [name, `${name}-absent`]);
  return { root: tree.root, proofs: names.map(name => ({ name, proof: encodeProof(tree.prove(name)) })) };
}

/** @param {Uint8Array} root @param {readonly NamedProof[]} proofs */
function verifyAll(root, proofs) {
  let time = 0;
  for (let round = 0; round < 2; round++) {
    const start = performance.now();
    for (const { name, proof } of proofs) {
      const found = verifyProof(SHAPE, root, name, decodeProof(proof));
      if ((found === undefined) !== name.endsWith('-absent')) throw new Error(`${name}: proved wrongly`);
    }
    time = performance.now() - start;
  }
  parentPort?.postMessage(time);
}
