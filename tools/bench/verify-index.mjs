// @ts-check
// A whole index of 250,000 files, about 1 GB, against its signed map, whose tiles are in the store, beside sha256sum over the
// same files on two cores. All files are in the page cache. CARGO_TUF_BENCH_FILES sets another number of files.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { indexPath } from '@cargo-tuf/crate-index';
import { median, run, withFolder } from './measure.mjs';

const RUN = fileURLToPath(new URL('./verify-index-run.mjs', import.meta.url));
const FILES = Number(process.env['CARGO_TUF_BENCH_FILES'] ?? 250_000);

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchVerifyIndex({ runs = 7 } = {}) {
  return withFolder('verify-index', async folder => {
    const bytes = makeIndex(`${folder}/index`, FILES);
    await run('sh', ['-c', 'find index -type f -print0 > files'], { cwd: folder });
    await run(process.execPath, [RUN, 'sign', folder]);
    /** @type {Record<'ours' | 'again' | 'sha256sum', number[]>} */
    const samples = { ours: [], again: [], sha256sum: [] };
    for (let at = 0; at <= runs; at++) {
      const verified = JSON.parse(await run(process.execPath, [RUN, 'verify', folder]));
      if (verified.files !== FILES) throw new Error(`${verified.files} files as signed, expected ${FILES}`);
      const start = performance.now();
      await run('sh', ['-c', 'xargs -0 -P2 -n 2000 sha256sum < files > sums'], { cwd: folder });
      // The first round warms the cache.
      if (at === 0) continue;
      samples.sha256sum.push(performance.now() - start);
      samples.ours.push(verified.wall);
      samples.again.push(JSON.parse(await run(process.execPath, [RUN, 'resume', folder])).wall);
    }
    const seconds = (/** @type {number[]} */ list) => `${(median(list) / 1000).toFixed(2)} s`;
    const reference = `${seconds(samples.sha256sum)}, sha256sum twice`;
    const row = (/** @type {number[]} */ ours) => ({
      ours: seconds(ours),
      reference,
      ratio: median(samples.sha256sum.map((other, at) => (ours[at] ?? 0) / other)),
    });
    return [
      {
        case: `${FILES.toLocaleString('en')} files, ${Math.round(bytes / 1e6)} MB, against the map in the store`,
        ...row(samples.ours),
        goal: 1.3,
        samples,
      },
      { case: 'gone on with, when all was verified before an interruption', ...row(samples.again) },
    ];
  });
}

/**
 * Index files by index path: sizes as an index has them, many of a few hundred bytes and some of a hundred times that, 3.5 kB
 * on average. Gives their bytes in all.
 * @param {string} folder @param {number} count
 */
function makeIndex(folder, count) {
  const text = Buffer.alloc(1 << 20, '{"name":"crate","vers":"1.0.0","deps":[],"cksum":"","features":{}}\n');
  const made = new Set();
  let total = 0;
  for (let index = 0; index < count; index++) {
    const name = `${prefixOf(index)}-crate-${index}`;
    const path = `${folder}/${indexPath(name)}`;
    const directory = path.slice(0, path.lastIndexOf('/'));
    if (!made.has(directory)) mkdirSync(directory, { recursive: true });
    made.add(directory);
    const size = sizeOf(index);
    text.write(String(index).padStart(9, '0'), 0, 'latin1');
    writeFileSync(path, text.subarray(0, size));
    total += size;
  }
  return total;
}

/**
 * Four letters, some far more often than others: 250,000 names have 36,000 different ones, as names of crates have by
 * Heaps' law (of Debian's crates, 500 names have 366, and 1,486 have 817).
 * @param {number} index
 */
function prefixOf(index) {
  const rank = Math.floor(PREFIXES ** uniform(3 * index + 2));
  let rest = (rank * 130_363) % 26 ** 4;
  let prefix = '';
  for (let at = 0; at < 4; at++, rest = Math.floor(rest / 26))
    prefix += String.fromCharCode(97 + (rest % 26));
  return prefix;
}

const PREFIXES = 60_000;

/** Lognormal, from a fixed sequence. @param {number} index */
function sizeOf(index) {
  const normal =
    Math.sqrt(-2 * Math.log(uniform(2 * index))) * Math.cos(2 * Math.PI * uniform(2 * index + 1));
  return Math.min(1_000_000, Math.max(120, Math.round(1_350 * Math.exp(1.45 * normal))));
}

/** A number of a fixed sequence, above 0 and at most 1. @param {number} index */
function uniform(index) {
  let mixed = Math.imul(index + 1, 0x9e37_79b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85eb_ca77);
  return (((mixed ^ (mixed >>> 13)) >>> 8) + 1) / 2 ** 24;
}
