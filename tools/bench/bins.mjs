// @ts-check
// Succinct hash bins (TAP 15): a snapshot with many roles, and lookups that fetch a bin each.

import { alternate, medianOf, milliseconds } from './alternate.mjs';
import { withFolder } from './measure.mjs';
import { makeBinRepository } from './tuf-repository.mjs';

const LOOKUPS = 1_000;
const TARGETS = 100_000;
const MANY = { bitLength: 14, count: TARGETS };
/** As many bins as tuf-js reads in about a second; with 16,384 of them it takes more than a minute. */
const FEWER = { bitLength: 11, count: TARGETS };

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchBins({ runs = 11 } = {}) {
  return withFolder('bins', async folder => {
    const many = await makeBinRepository(MANY);
    const lookups = many.names.filter((_, at) => at % (TARGETS / LOOKUPS) === 0);
    const { ours: first, 'no client': bare } = await alternate({
      folder,
      repository: many,
      clients: ['ours', 'no client'],
      runs,
      task: { lookups },
    });
    const warm = { lookups, warm: 5 };
    const { ours: later } = await alternate({
      folder,
      repository: many,
      clients: ['ours'],
      runs,
      task: warm,
    });
    const fewer = await makeBinRepository(FEWER);
    const { ours, 'tuf-js': theirs } = await alternate({
      folder,
      repository: fewer,
      clients: ['ours', 'tuf-js'],
      runs,
      task: { lookups },
    });
    return [
      ...rowsOf('16384 bins, fresh process', first, undefined, true),
      bareRow(first, bare),
      ...rowsOf('16384 bins, warm process', later, undefined, true),
      ...rowsOf('2048 bins, fresh process', ours, theirs, false),
    ];
  });
}

/** What a lookup costs beyond what no client can do without. @param {import('./alternate.mjs').Sample[]} [ours] @param {import('./alternate.mjs').Sample[]} [bare] */
function bareRow(ours, bare) {
  const [a, b] = [ours, bare].map(samples => medianOf(samples, sample => sample.lookups.cpu));
  return {
    case: `16384 bins, fresh process, ${LOOKUPS} lookups, CPU, against fetch and one signature alone`,
    ours: milliseconds(a ?? 0),
    reference: milliseconds(b ?? 0),
    ratio: (a ?? 0) / (b ?? 1),
    samples: { bare },
  };
}

/**
 * @param {string} name
 * @param {readonly import('./alternate.mjs').Sample[] | undefined} ours
 * @param {readonly import('./alternate.mjs').Sample[] | undefined} theirs
 * @param {boolean} goals
 * @returns {import('./measure.mjs').Row[]}
 */
function rowsOf(name, ours, theirs, goals) {
  const parts = /** @type {const} */ ([
    ['refresh', 'refresh', '40 ms'],
    [`${LOOKUPS} lookups`, 'lookups', '400 ms'],
  ]);
  return parts.map(([what, part, goal]) => {
    const cpu = medianOf(ours, sample => sample[part].cpu);
    const wall = medianOf(ours, sample => sample[part].wall);
    const reference = theirs && medianOf(theirs, sample => sample[part].cpu);
    return {
      case: `${name}, ${what}, CPU`,
      ours: milliseconds(cpu),
      reference: reference === undefined ? '' : `${milliseconds(reference)}, tuf-js`,
      ...(reference !== undefined && { ratio: cpu / reference }),
      ...(goals && { goal }),
      notes: `wall ${milliseconds(wall)}${theirs ? ` against ${milliseconds(medianOf(theirs, sample => sample[part].wall))}` : ''}`,
      samples: { ours, theirs },
    };
  });
}
