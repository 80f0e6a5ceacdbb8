// @ts-check
// Clients at the same task by turns, each run in a process and a folder of its own.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { serveFiles } from './file-server.mjs';
import { median, run } from './measure.mjs';

/** @typedef {import('./run.mjs').Measured} Measured */

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));

/**
 * @typedef {object} Alternation
 * @property {string} folder for everything
 * @property {import('./tuf-repository.mjs').TufRepository} repository
 * @property {readonly string[]} clients
 * @property {number} runs of each client
 * @property {Omit<import('./run.mjs').Task, 'url' | 'folder'>} [task]
 * @property {boolean} [again] each run goes on from what a run before it, which is not measured, has left
 */

/** @typedef {Measured & { requests: number }} Sample requests that the repository saw */

/** @param {Alternation} options @returns {Promise<Readonly<Record<string, Sample[]>>>} by client */
export async function alternate({ folder, repository, clients, runs, task = {}, again = false }) {
  const server = await serveFiles(repository.files);
  /** @type {Record<string, Sample[]>} */
  const samples = Object.fromEntries(clients.map(client => [client, []]));
  try {
    for (let at = 0; at < runs; at++) {
      for (const client of clients) {
        const own = await mkdtemp(`${folder}/run-`);
        await writeFile(`${own}/root.json`, repository.root);
        await mkdir(`${own}/.task`);
        await writeFile(`${own}/.task/task.json`, JSON.stringify({ ...task, url: server.url, folder: own }));
        const start = () => run(process.execPath, [RUN, client, `${own}/.task/task.json`]);
        if (again) await start();
        const before = server.requests();
        const measured = /** @type {Measured} */ (JSON.parse(await start()));
        samples[client]?.push({ ...measured, requests: server.requests() - before });
        await rm(own, { recursive: true });
      }
    }
  } finally {
    server.close();
  }
  return samples;
}

/** @param {readonly Sample[] | undefined} samples @param {(sample: Sample) => number} read */
export function medianOf(samples, read) {
  return median((samples ?? []).map(read));
}

/** @param {number} value */
export const milliseconds = value => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
/** @param {number} value */
export const mebibytes = value => `${Math.round(value / 1_048_576)} MiB`;
