// @ts-check
import { writeFile } from 'node:fs/promises';
import { bundleSource, importSource } from './import-source.mjs';
import { startServer } from './latency-server.mjs';
import { run, withFolder } from './measure.mjs';

/** @typedef {{ cpuMs: number, wallMs: number, peakMiB: number }} Cost */
/** @typedef {(who: 'ours' | 'tuf-js' | 'plain', what: 'refresh' | 'again' | 'downloads', lines?: readonly string[]) => Promise<Cost>} Measure */

/**
 * Serves a flat repository of `count` targets while `work` measures clients, each in a process of its own.
 * @template T @param {number} count
 * @param {(measure: Measure, repository: any, requests: () => number) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withFlatRepository(count, work) {
  return withFolder('flat', async folder => {
    const program = await bundleSource('tools/bench/flat-client.ts');
    const { makeFlatRepository } = await importSource('tools/bench/flat-repository.ts');
    const repository = await makeFlatRepository(count);
    await writeFile(`${folder}/root.json`, repository.root);
    const server = await startServer(async path => repository.file(path));
    let runs = 0;
    /** @type {Measure} */
    const measure = async (who, what, lines = []) => {
      const home = `${folder}/${(runs += 1)}`;
      await writeFile(`${home}.lines`, lines.join('\n'));
      await run('sync', []);
      const args = [program, who, what, server.url, `${folder}/root.json`, home, `${home}.lines`];
      return JSON.parse(await run(process.execPath, args));
    };
    try {
      return await work(measure, repository, () => server.counts().requests);
    } finally {
      server.close();
    }
  });
}
