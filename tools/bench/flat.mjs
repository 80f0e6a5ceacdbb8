// @ts-check
// The first refresh of a repository whose top-level targets list everything: what a long list costs.

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { alternate, mebibytes, medianOf, milliseconds } from './alternate.mjs';
import { median, run, withFolder } from './measure.mjs';
import { makeFlatRepository } from './tuf-repository.mjs';

const MOST = 100_000;
/** Numbers of targets for what one entry costs. */
const SIZES = [25_000, 50_000];
/** tuf-js takes time with the square of this; 100,000 would take it more than half an hour. */
const SMALL = [1_000, 2_000];
const PARSE = fileURLToPath(new URL('./parse.mjs', import.meta.url));

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchFlat({ runs = 11 } = {}) {
  return withFolder('flat', async folder => {
    /** @param {number} count @param {readonly string[]} clients @param {number} times */
    const measure = async (count, clients, times) =>
      alternate({ folder, repository: await makeFlatRepository(count), clients, runs: times });
    const cpu = (/** @type {import('./alternate.mjs').Sample} */ sample) => sample.refresh.cpu;
    const rows = [];
    for (const count of SMALL) {
      const { ours, 'tuf-js': theirs } = await measure(count, ['ours', 'tuf-js'], runs);
      const [a, b] = [medianOf(ours, cpu), medianOf(theirs, cpu)];
      rows.push({
        case: `${count} targets, CPU`,
        ours: milliseconds(a),
        reference: `${milliseconds(b)}, tuf-js`,
        ratio: a / b,
        notes: `${micros(a, count)} against ${micros(b, count)} an entry`,
        samples: { ours, theirs },
      });
    }
    for (const count of SIZES) {
      const { ours } = await measure(count, ['ours'], runs);
      const value = medianOf(ours, cpu);
      rows.push({
        case: `${count} targets, CPU`,
        ours: milliseconds(value),
        reference: '',
        notes: `${micros(value, count)} an entry`,
        samples: ours,
      });
    }
    const repository = await makeFlatRepository(MOST);
    await writeFile(`${folder}/targets.json`, repository.files.get('metadata/1.targets.json') ?? '');
    /** @type {import('./alternate.mjs').Sample[]} */
    const ours = [];
    /** @type {number[]} */
    const parsed = [];
    for (let at = 0; at < runs; at++) {
      const samples = await alternate({ folder, repository, clients: ['ours'], runs: 1 });
      ours.push(...(samples['ours'] ?? []));
      parsed.push(Number(await run(process.execPath, [PARSE, `${folder}/targets.json`])));
    }
    const value = medianOf(ours, cpu);
    const yardstick = median(parsed);
    const memory = medianOf(ours, sample => sample.memory);
    rows.push(
      {
        case: `${MOST} targets, CPU`,
        ours: milliseconds(value),
        reference: 'tuf-js does not end',
        goal: '500 ms',
        notes: `${micros(value, MOST)} an entry`,
        samples: { ours, parsed },
      },
      {
        case: `${MOST} targets, CPU, against JSON.parse of the list`,
        ours: milliseconds(value),
        reference: milliseconds(yardstick),
        ratio: value / yardstick,
        goal: 5,
      },
      { case: `${MOST} targets, memory`, ours: mebibytes(memory), reference: '', goal: '150 MiB' },
    );
    return rows;
  });
}

/** @param {number} value milliseconds @param {number} count */
const micros = (value, count) => `${((value * 1000) / count).toFixed(1)} µs`;
