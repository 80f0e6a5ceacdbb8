// @ts-check
// The Merkle map at scale: a build of ten million leaves against a bare loop of the same SHA-256 on the same two threads, by
// turns; and proofs a second. CARGO_TUF_BENCH_LEAVES sets another number of leaves.

import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packLeaves } from '@cargo-tuf/merkle-snapshot';
import { mebibytes } from './alternate.mjs';
import { median, run, withFolder } from './measure.mjs';
import { madeLeaves } from './merkle-leaves.mjs';

const RUN = fileURLToPath(new URL('./merkle-run.mjs', import.meta.url));
const LEAVES = Number(process.env['CARGO_TUF_BENCH_LEAVES'] ?? 10_000_000);
const PROOF_LEAVES = 250_000;

/** @typedef {{ wall: number, cpu: number, memory: number }} Build milliseconds and bytes */

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchMerkle({ runs = 5 } = {}) {
  return withFolder('merkle', async folder => {
    const file = `${folder}/leaves`;
    writeLeaves(file, LEAVES);
    /** @type {Record<'raw' | 'root' | 'tiles', Build[]>} */
    const samples = { raw: [], root: [], tiles: [] };
    for (let at = 0; at < runs; at++) {
      for (const [name, list] of Object.entries(samples))
        list.push(JSON.parse(await run(process.execPath, [RUN, name, file, String(LEAVES)])));
    }
    const rates = [];
    for (let at = 0; at < 2 * runs; at++)
      rates.push(JSON.parse(await run(process.execPath, [RUN, 'proofs', '', String(PROOF_LEAVES)])).rate);
    return [
      ...['root', 'tiles'].map(name => buildRow(name, samples)),
      {
        case: `binary proofs at ${PROOF_LEAVES.toLocaleString('en')} leaves, two threads`,
        ours: `${Math.round(median(rates) / 1000)} k a second`,
        reference: '',
        goal: 'at least 100 k a second',
        samples: rates,
      },
    ];
  });
}

/** @param {string} name @param {Record<string, Build[]>} samples @returns {import('./measure.mjs').Row} */
function buildRow(name, samples) {
  const [ours, raw] = [samples[name] ?? [], samples['raw'] ?? []];
  const seconds = (/** @type {Build[]} */ list) =>
    `${(median(list.map(each => each.wall)) / 1000).toFixed(1)} s`;
  return {
    case: `build of ${LEAVES.toLocaleString('en')} leaves, ${name === 'root' ? 'root alone' : 'with tiles'}`,
    ours: seconds(ours),
    reference: `${seconds(raw)}, bare SHA-256`,
    ratio: median(ours.map((each, at) => each.wall / (raw[at]?.wall ?? 1))),
    goal: 2.5,
    notes: `CPU ${(median(ours.map(each => each.cpu)) / 1000).toFixed(1)} s, memory ${mebibytes(median(ours.map(each => each.memory)))}`,
    samples: { ours, raw },
  };
}

/** Pieces of leaf records, each after its length in four bytes. @param {string} file @param {number} count */
function writeLeaves(file, count) {
  const output = openSync(file, 'w');
  for (const piece of packLeaves(madeLeaves(count))) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(piece.length);
    writeSync(output, length);
    writeSync(output, piece);
  }
  closeSync(output);
}
