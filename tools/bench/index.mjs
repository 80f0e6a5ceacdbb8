// @ts-check
// An update check of a signed index of 100,000 files: registry-commits on a repository of git-transport, without the network.

import { writeFile } from 'node:fs/promises';
import { milliseconds } from './alternate.mjs';
import { INDEX_RUN } from './commits.mjs';
import { median, run, withFolder } from './measure.mjs';
import { makeIdentity, makeSignedIndex } from './signed-index.mjs';

const [FILES, CHANGED] = [100_000, 10];

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchIndex({ runs = 11 } = {}) {
  return withFolder('index', async folder => {
    const { root, first, second } = await makeSignedIndex(
      `${folder}/index.git`,
      FILES,
      CHANGED,
      await makeIdentity(),
    );
    const common = { folder: `${folder}/index.git`, anchor: Buffer.from(root).toString('hex') };
    const [none, kept] = [`${folder}/none.json`, `${folder}/kept.json`];
    const sync = async (/** @type {object} */ options) => {
      await writeFile(`${folder}/options.json`, JSON.stringify({ ...common, ...options }));
      return JSON.parse(await run(process.execPath, [INDEX_RUN, 'sync', `${folder}/options.json`]));
    };
    await sync({ tip: first, store: kept, keep: true });
    const cases = {
      'first use': { tip: first, store: none, keep: false },
      'nothing changed': { tip: first, store: kept, keep: false },
      [`${CHANGED} changed`]: { tip: second, store: kept, keep: false },
    };
    /** @type {Record<string, import('./index-run.mjs').Times[]>} */
    const samples = Object.fromEntries(Object.keys(cases).map(name => [name, []]));
    for (let at = 0; at < runs; at++)
      for (const [name, options] of Object.entries(cases)) samples[name]?.push(await sync(options));
    return Object.entries(samples).map(([name, list]) => ({
      case: `${FILES} files, ${name}, CPU`,
      ours: milliseconds(median(list.map(each => each.cpu))),
      reference: '',
      notes: `wall ${milliseconds(median(list.map(each => each.wall)))}`,
      samples: list,
    }));
  });
}
