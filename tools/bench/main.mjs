// @ts-check
// Runs benchmarks: `npm run bench -- NAME…`, all of them without a name. Prints tables; writes .cache/bench/<name>.json.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** @type {Readonly<Record<string, () => Promise<() => Promise<import('./measure.mjs').Row[]>>>>} */
const BENCHMARKS = {
  flat: async () => (await import('./flat.mjs')).benchFlat,
  bins: async () => (await import('./bins.mjs')).benchBins,
  downloads: async () => (await import('./downloads.mjs')).benchDownloads,
  refresh: async () => (await import('./refresh.mjs')).benchRefresh,
  status: async () => (await import('./status.mjs')).benchStatus,
  commits: async () => (await import('./commits.mjs')).benchCommits,
  openpgp: async () => (await import('./openpgp.mjs')).benchOpenPgp,
  index: async () => (await import('./index.mjs')).benchIndex,
  merkle: async () => (await import('./merkle.mjs')).benchMerkle,
  publish: async () => (await import('./publish.mjs')).benchPublish,
  'verify-index': async () => (await import('./verify-index.mjs')).benchVerifyIndex,
  proxy: async () => (await import('./proxy.mjs')).benchProxy,
  rustup: async () => (await import('./rustup.mjs')).benchRustup,
};
const OUTPUT = fileURLToPath(new URL('../../.cache/bench', import.meta.url));

const names = process.argv.slice(2);
const unknown = names.find(name => !Object.hasOwn(BENCHMARKS, name));
if (unknown === undefined) await runAll(names.length > 0 ? names : Object.keys(BENCHMARKS));
else {
  console.error(`bench: ${JSON.stringify(unknown)}, expected one of: ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exitCode = 2;
}

/** @param {readonly string[]} chosen */
async function runAll(chosen) {
  await mkdir(OUTPUT, { recursive: true });
  const machine = {
    node: process.version,
    cpus: cpus().length,
    platform: `${process.platform} ${process.arch}`,
  };
  for (const name of chosen) {
    const bench = await /** @type {() => Promise<any>} */ (BENCHMARKS[name])();
    const rows = /** @type {import('./measure.mjs').Row[]} */ (await bench());
    await writeFile(`${OUTPUT}/${name}.json`, `${JSON.stringify({ name, machine, rows }, undefined, 2)}\n`);
    console.log(`\n### ${name}\n\n${formatTable(rows)}`);
  }
}

/** @param {readonly import('./measure.mjs').Row[]} rows */
function formatTable(rows) {
  const cells = [
    ['case', 'ours', 'reference', 'ratio', 'goal', 'notes'],
    ['---', '---', '---', '---', '---', '---'],
    ...rows.map(row => [
      row.case,
      row.ours,
      row.reference,
      row.ratio?.toFixed(2) ?? '',
      typeof row.goal === 'number' ? row.goal.toFixed(2) : (row.goal ?? ''),
      row.notes ?? '',
    ]),
  ];
  return cells.map(row => `| ${row.join(' | ')} |`).join('\n');
}
