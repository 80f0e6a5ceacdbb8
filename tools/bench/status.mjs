// @ts-check
// What `cargo tuf status` adds to the start of Node: it stands in prompts and scripts.

import { fileURLToPath, pathToFileURL } from 'node:url';
import { median, run, withFolder } from './measure.mjs';
import { milliseconds } from './alternate.mjs';

const PROGRAM = fileURLToPath(new URL('../../apps/cargo-tuf/dist/main.js', import.meta.url));
const ADMIN = fileURLToPath(new URL('../../apps/tuf-admin/dist/main.js', import.meta.url));

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchStatus({ runs = 31 } = {}) {
  return withFolder('status', async folder => {
    const env = { CARGO_HOME: `${folder}/cargo`, HOME: folder };
    await syncRegistry(`${folder}/registry`, folder, env);
    const commands = { status: [PROGRAM, 'status'], node: ['-e', '0'] };
    /** @type {{ status: number[], node: number[] }} */
    const times = { status: [], node: [] };
    for (let at = 0; at < runs; at++) {
      for (const name of /** @type {const} */ (['status', 'node'])) {
        const start = performance.now();
        await run(process.execPath, commands[name], { cwd: folder, env });
        times[name].push(performance.now() - start);
      }
    }
    const [a, b] = [median(times.status), median(times.node)];
    return [
      {
        case: 'cargo tuf status',
        ours: milliseconds(a),
        reference: `${milliseconds(b)}, node -e 0`,
        ratio: a / b,
        goal: '2.00',
        notes: `medians of ${runs} pairs, one registry, synced`,
        samples: times,
      },
    ];
  });
}

/** @param {string} registry @param {string} cwd @param {Record<string, string>} env */
async function syncRegistry(registry, cwd, env) {
  const dl = 'https://crates.example/crates';
  await run(process.execPath, [ADMIN, 'init', registry, '--dl', dl, '--unencrypted-keys']);
  const mirror = pathToFileURL(`${registry}/public/`).href;
  const { fingerprint } = JSON.parse(await run(process.execPath, [ADMIN, 'root', registry, '--json']));
  const root = ['--root', `${registry}/public/metadata/1.root.json`, '--fingerprint', fingerprint];
  const options = { cwd, env };
  await run(process.execPath, [PROGRAM, 'trust', 'add', 'crates-io', ...root, '--mirror', mirror], options);
  await run(process.execPath, [PROGRAM, 'sync'], options);
}
