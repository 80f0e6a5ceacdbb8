// @ts-check
// A batch of 1,000 changed crates, signed and on disk: `tuf-admin publish` from start to end, into registries of two sizes. Beside
// it the files that it wrote, written once more by a bare loop and synced. CARGO_TUF_BENCH_CRATES sets other sizes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { indexPath } from '@cargo-tuf/crate-index';
import { mebibytes, milliseconds } from './alternate.mjs';
import { median, run, withFolder } from './measure.mjs';
import { entryOf, nameOf } from './publish-names.mjs';

const TUF_ADMIN = fileURLToPath(new URL('../../apps/tuf-admin/dist/main.js', import.meta.url));
const FILL = fileURLToPath(new URL('./publish-registry.mjs', import.meta.url));
const BATCH = 1_000;
const GOALS = new Map([
  [250_000, '300 ms'],
  [10_000_000, '1000 ms'],
]);
const SIZES = (process.env['CARGO_TUF_BENCH_CRATES'] ?? [...GOALS.keys()].join(',')).split(',').map(Number);

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export async function benchPublish({ runs = 7 } = {}) {
  const rows = [];
  for (const size of SIZES) rows.push(await withFolder('publish', folder => measure(folder, size, runs)));
  return rows;
}

/** @param {string} folder @param {number} size @param {number} runs @returns {Promise<import('./measure.mjs').Row>} */
async function measure(folder, size, runs) {
  const registry = `${folder}/registry`;
  const init = ['init', registry, '--dl', 'https://crates.example/crates', '--unencrypted-keys'];
  await run(process.execPath, [TUF_ADMIN, ...init]);
  await run(process.execPath, [FILL, registry, String(size), String(BATCH * runs)]);
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
  return {
    case: `${BATCH.toLocaleString('en')} changed crates of ${size.toLocaleString('en')}, signed and on disk`,
    ours: milliseconds(median(samples.ours)),
    reference: `${milliseconds(median(samples.bare))}, the same files by a bare loop`,
    ratio: median(samples.ours.map((each, at) => each / (samples.bare[at] ?? 1))),
    ...(GOALS.has(size) && { goal: /** @type {string} */ (GOALS.get(size)) }),
    notes: `${median(samples.files)} files; memory ${mebibytes(median(samples.memory))}`,
    samples,
  };
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
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      memory = Math.max(memory, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
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
