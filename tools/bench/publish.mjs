// @ts-check
// A batch of 1,000 changed crates, signed and on disk, into registries of two sizes: `tuf-admin publish` from start to end, and a
// batch of one that keeps running (`--every`). Beside it the files that it wrote, written once more by a bare loop and synced.
// CARGO_TUF_BENCH_CRATES sets other sizes. How fast the machine hashes at that time is told, since it changes by the hour on some.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { indexPath } from '@cargo-tuf/crate-index';
import { sha256Into } from '@cargo-tuf/keys';
import { mebibytes, milliseconds } from './alternate.mjs';
import { median, run, withFolder } from './measure.mjs';
import { entryOf, nameOf } from './publish-names.mjs';

const TUF_ADMIN = fileURLToPath(new URL('../../apps/tuf-admin/dist/main.js', import.meta.url));
const FILL = fileURLToPath(new URL('./publish-registry.mjs', import.meta.url));
const BATCH = 1_000;
/** Batches after which a program that keeps running is compiled. */
const WARM_UP = 4;
const GOALS = new Map([
  [250_000, '300 ms'],
  [10_000_000, '1000 ms'],
]);
const SIZES = (process.env['CARGO_TUF_BENCH_CRATES'] ?? [...GOALS.keys()].join(',')).split(',').map(Number);

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export async function benchPublish({ runs = 7 } = {}) {
  const rows = [];
  for (const size of SIZES)
    rows.push(...(await withFolder('publish', folder => measure(folder, size, runs))));
  return rows;
}

/** @param {string} folder @param {number} size @param {number} runs @returns {Promise<import('./measure.mjs').Row[]>} */
async function measure(folder, size, runs) {
  const registry = `${folder}/registry`;
  const init = ['init', registry, '--dl', 'https://crates.example/crates', '--unencrypted-keys'];
  await run(process.execPath, [TUF_ADMIN, ...init]);
  await run(process.execPath, [FILL, registry, String(size), String(BATCH * (2 * runs + WARM_UP + 1))]);
  /** @type {{ ours: number[], bare: number[], memory: number[], files: number[] }} */
  const samples = { ours: [], bare: [], memory: [], files: [] };
  for (let at = 0; at < runs; at++) {
    const index = `${folder}/index-${at}`;
    for (let crate = at * BATCH; crate < (at + 1) * BATCH; crate++) writeEntry(index, nameOf(crate));
    await run('sync', []);
    const before = Date.now();
    const publish = [TUF_ADMIN, 'publish', registry, '--index', index];
    const { wall, memory } = await withMemory(process.execPath, publish);
    samples.ours.push(wall);
    samples.memory.push(memory);
    const written = newFiles(`${registry}/public`, before);
    samples.files.push(written.length);
    samples.bare.push(await writeBare(`${folder}/bare-${at}`, written));
  }
  const running = await measureRunning(folder, registry, runs);
  const bare = median(samples.bare);
  const label = `${BATCH.toLocaleString('en')} changed crates of ${size.toLocaleString('en')}, signed and on disk`;
  const common = {
    reference: `${milliseconds(bare)}, the same files by a bare loop`,
    ...(GOALS.has(size) && { goal: /** @type {string} */ (GOALS.get(size)) }),
  };
  return [
    {
      ...common,
      case: `${label}: tuf-admin publish`,
      ours: milliseconds(median(samples.ours)),
      ratio: median(samples.ours.map((each, at) => each / (samples.bare[at] ?? 1))),
      notes: `${median(samples.files)} files; memory ${mebibytes(median(samples.memory))}`,
      samples,
    },
    {
      ...common,
      case: `${label}: a batch of publish --every`,
      ours: milliseconds(median(running.times)),
      ratio: median(running.times) / bare,
      notes: `memory ${mebibytes(running.memory)}; sha256Into of 65 bytes ${hashTime().toFixed(2)} µs`,
      samples: running.times,
    },
  ];
}

/** Microseconds for a SHA-256 of two blocks. */
function hashTime() {
  const [message, out] = [new Uint8Array(65), new Uint8Array(32)];
  const run = (/** @type {number} */ count) => {
    const start = performance.now();
    for (let at = 0; at < count; at++) sha256Into(message, out, 0);
    return (1_000 * (performance.now() - start)) / count;
  };
  run(100_000);
  return run(500_000);
}

/**
 * What a publisher that keeps running says of its batches, the first ones left out.
 * @param {string} folder @param {string} registry @param {number} runs
 * @returns {Promise<{ times: number[], memory: number }>} milliseconds, bytes
 */
async function measureRunning(folder, registry, runs) {
  const index = `${folder}/inbox`;
  mkdirSync(index);
  const args = [TUF_ADMIN, 'publish', registry, '--index', index, '--every', '3', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const times = [];
  let memory = 0;
  let batch = 0;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { added, milliseconds: time } = JSON.parse(line);
      if (added.length !== (batch === 0 ? 0 : BATCH)) throw new Error(`publish: ${added.length} added`);
      if (batch > WARM_UP) times.push(time);
      memory = peakMemory(child.pid, memory);
      if (batch === WARM_UP + runs) break;
      // It waits three seconds now. The files of before are moved away: ext4 passes over the inodes of files that were removed in the
      // last minute one by one, with every file that is made.
      renameSync(index, `${folder}/inbox-${batch}`);
      mkdirSync(index);
      const first = (runs + batch) * BATCH;
      for (let crate = first; crate < first + BATCH; crate++) writeEntry(index, nameOf(crate));
      batch += 1;
    }
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
  return { times, memory };
}

/** @param {number | undefined} pid @param {number} known @returns {number} bytes */
function peakMemory(pid, known) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.max(known, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  } catch {
    return known; // It has ended.
  }
}

/** @param {string} index @param {string} name */
function writeEntry(index, name) {
  const file = `${index}/${indexPath(name)}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, entryOf(name, '1.0.0', '1.1.0'));
}

/** @param {string} command @param {readonly string[]} args @returns {Promise<{ wall: number, memory: number }>} milliseconds, bytes */
async function withMemory(command, args) {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  let memory = 0;
  const timer = setInterval(() => {
    memory = peakMemory(child.pid, memory);
  }, 10);
  const [code] = await ended;
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ended with ${code}`);
  return { wall: performance.now() - start, memory };
}

/** @param {string} folder @param {number} since @returns {readonly { path: string, bytes: Uint8Array }[]} */
function newFiles(folder, since) {
  const files = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`;
    if (entry.isFile() && statSync(path).mtimeMs >= since)
      files.push({ path: path.slice(folder.length), bytes: new Uint8Array(readFileSync(path)) });
  }
  return files;
}

/** @param {string} folder @param {readonly { path: string, bytes: Uint8Array }[]} files */
async function writeBare(folder, files) {
  for (const { path } of files) mkdirSync(dirname(`${folder}${path}`), { recursive: true });
  await run('sync', []);
  const start = performance.now();
  for (const { path, bytes } of files) writeFileSync(`${folder}${path}`, bytes);
  await run('sync', ['--file-system', folder]);
  return performance.now() - start;
}
