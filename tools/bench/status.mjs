// @ts-check
// How long `cargo tuf status` takes, against a Node that does nothing.

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { importSource } from './import-source.mjs';
import { median, run, withFolder } from './measure.mjs';

const PROGRAM = fileURLToPath(new URL('../../apps/cargo-tuf/dist/main.js', import.meta.url));
const RUNS = 21;

/** @returns {Promise<import('./measure.mjs').Row[]>} */
export async function benchStatus() {
  return withFolder('status', async folder => {
    const { makeFlatRepository } = await importSource('tools/bench/flat-repository.ts');
    const { root } = await makeFlatRepository(1);
    await writeFile(`${folder}/root.json`, root);
    const env = { CARGO_HOME: `${folder}/cargo-home` };
    const fingerprint = createHash('sha256').update(await readFile(`${folder}/root.json`)).digest('hex');
    const tuf = (/** @type {string[]} */ ...args) => run(process.execPath, [PROGRAM, ...args], { cwd: folder, env });
    await tuf(
      ...['trust', 'add', 'crates-io', '--root', `${folder}/root.json`],
      ...['--mirror', 'https://mirror.example/', '--fingerprint', fingerprint],
    );
    /** @type {{ ours: number[], node: number[] }} */
    const times = { ours: [], node: [] };
    for (let at = 0; at < RUNS; at++) {
      times.node.push(await timed(() => run(process.execPath, ['-e', '0'])));
      times.ours.push(await timed(() => tuf('status')));
    }
    const [ours, node] = [median(times.ours), median(times.node)];
    return [
      {
        case: '`cargo tuf status`',
        ours: `${Math.round(ours)} ms`,
        reference: `${Math.round(node)} ms, \`node -e 0\``,
        ratio: ours / node,
        goal: 2,
        notes: `medians of ${RUNS} pairs`,
        samples: times,
      },
    ];
  });
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
