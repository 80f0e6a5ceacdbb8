// @ts-check
// One client at one task, in a process of its own: `node run.mjs ours|tuf-js|plain TASK.json`. Time and memory count from
// after the imports. Prints one line of JSON.

import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { OPENERS } from './clients.mjs';

/**
 * @typedef {object} Task
 * @property {string} url of the repository, with a slash at its end
 * @property {string} folder for what the client keeps; `root.json` lies in it
 * @property {number} [warm] as often the refresh and the lookups first, each time into a folder of its own, before what is measured
 * @property {readonly string[]} [lookups] names of targets to look up after the refresh, one after the other
 * @property {readonly import('./clients.mjs').Download[]} [downloads] 16 at once
 */

/**
 * @typedef {object} Times in milliseconds
 * @property {number} wall
 * @property {number} cpu user and system, all threads
 *
 * @typedef {object} Measured
 * @property {Times} refresh
 * @property {Times} lookups
 * @property {Times} downloads
 * @property {number} memory bytes: the highest resident set less the one after the imports
 */

const [name = '', path = ''] = process.argv.slice(2);
const opener = OPENERS[name];
if (opener === undefined) throw new Error(`${name}: no client of this name`);
const task = /** @type {Task} */ (JSON.parse(await readFile(path, 'utf8')));
const open = await opener();
const root = new Uint8Array(await readFile(`${task.folder}/root.json`));

for (let run = 0; run < (task.warm ?? 0); run++) {
  const folder = `${task.folder}/warm-${run}`;
  await mkdir(folder);
  await copyFile(`${task.folder}/root.json`, `${folder}/root.json`);
  const client = await open({ url: task.url, folder }, root);
  await lookUp(client);
  await client.close();
}
const before = process.memoryUsage.rss();
/** @type {import('./clients.mjs').RefreshedClient | undefined} */
let client;
const refresh = await timed(async () => {
  client = await open(task, root);
  await client.settle();
});
const opened = /** @type {import('./clients.mjs').RefreshedClient} */ (/** @type {unknown} */ (client));
const lookups = await timed(() => lookUp(opened));
const downloads = await timed(async () => {
  const waiting = [...(task.downloads ?? [])];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await opened.download(next);
  };
  await Promise.all(Array.from({ length: 16 }, work));
  await opened.settle();
});
const memory = process.resourceUsage().maxRSS * 1024 - before;
await opened.close();
console.log(JSON.stringify({ refresh, lookups, downloads, memory }));

/** @param {import('./clients.mjs').RefreshedClient} client */
async function lookUp(client) {
  for (const target of task.lookups ?? [])
    if (!(await client.has(target))) throw new Error(`${target}: not found by ${name}`);
  await client.settle();
}

/** @param {() => Promise<void>} work @returns {Promise<Times>} */
async function timed(work) {
  const [time, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - time, cpu: (user + system) / 1000 };
}
