// @ts-check
// The first refresh of a repository whose targets all stand in one role: our client against tuf-js, whose cost grows with the
// square of their number and is therefore measured on fewer.

import { withFlatRepository } from './flat-process.mjs';
import { median } from './measure.mjs';

const RUNS = 5;
const COMPARED = [1000, 2000, 4000];
const ALONE = [10_000, 100_000];
const GOAL = { cpuMs: 500, peakMiB: 150 };

/** @returns {Promise<import('./measure.mjs').Row[]>} */
export async function benchFlat() {
  const rows = [];
  for (const count of [...COMPARED, ...ALONE]) rows.push(await measureCount(count, COMPARED.includes(count)));
  return rows;
}

/** @param {number} count @param {boolean} compared @returns {Promise<import('./measure.mjs').Row>} */
async function measureCount(count, compared) {
  return withFlatRepository(count, async measure => {
    const [ours, theirs] = [[], []];
    for (let at = 0; at < RUNS; at++) {
      ours.push(await measure('ours', 'refresh'));
      if (compared) theirs.push(await measure('tuf-js', 'refresh'));
    }
    const [cpu, memory] = [median(ours.map(each => each.cpuMs)), median(ours.map(each => each.peakMiB))];
    const last = count === ALONE.at(-1);
    const row = {
      case: `${count.toLocaleString('en')} targets`,
      ours: `${cpu} ms CPU, ${memory} MiB`,
      reference: last ? `goal ${GOAL.cpuMs} ms CPU, ${GOAL.peakMiB} MiB` : '',
      ...(last && { ratio: Math.max(cpu / GOAL.cpuMs, memory / GOAL.peakMiB), goal: 1 }),
      notes: `medians of ${RUNS} runs`,
      samples: { ours, theirs },
    };
    if (!compared) return row;
    const [theirCpu, theirMemory] = [
      median(theirs.map(each => each.cpuMs)),
      median(theirs.map(each => each.peakMiB)),
    ];
    return { ...row, reference: `${theirCpu} ms CPU, ${theirMemory} MiB, tuf-js`, ratio: cpu / theirCpu, goal: 1 };
  });
}
