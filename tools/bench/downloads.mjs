// @ts-check
// 1,000 targets, one after the other: through the client, and in a loop that only fetches, hashes, syncs and renames.

import { createHash } from 'node:crypto';
import { withFlatRepository } from './flat-process.mjs';
import { median } from './measure.mjs';

const COUNT = 1000;
const RUNS = 5;

/** @returns {Promise<import('./measure.mjs').Row[]>} */
export async function benchDownloads() {
  return withFlatRepository(COUNT, async (measure, repository) => {
    /** @type {{ ours: number[], plain: number[], tufJs: number[] }} */
    const times = { ours: [], plain: [], tufJs: [] };
    for (let at = 0; at < RUNS; at++) {
      times.plain.push((await measure('plain', 'downloads', plainLines(repository))).wallMs);
      times.ours.push((await measure('ours', 'downloads', repository.targets)).wallMs);
    }
    times.tufJs.push((await measure('tuf-js', 'downloads', repository.targets)).wallMs);
    const [ours, plain] = [median(times.ours), median(times.plain)];
    return [
      {
        case: '1,000 downloads',
        ours: `${ours} ms`,
        reference: `${plain} ms, loop`,
        ratio: ours / plain,
        goal: 1.3,
        notes: `medians of ${RUNS} pairs; tuf-js once: ${times.tufJs[0]} ms, lookups included`,
        samples: times,
      },
    ];
  });
}

/** Where the files are, and their hashes. @param {any} repository */
function plainLines(repository) {
  return repository.targets.map((/** @type {string} */ path, /** @type {number} */ index) => {
    const bytes = Buffer.alloc(1024, index % 251);
    bytes.writeUInt32BE(index);
    const hash = createHash('sha256').update(bytes).digest('hex');
    return `targets/packages/${hash}.${path.slice('packages/'.length)} ${hash}`;
  });
}
