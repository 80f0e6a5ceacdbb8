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

/** What is measured, and its goal. */
const PARTS = /** @type {const} */ ([
  ['refresh', 'refresh', '40 ms'],
  [`${LOOKUPS} lookups`, 'lookups', '400 ms'],
]);

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
    const { ours: later, 'no client': bareLater } = await alternate({
      folder,
      repository: many,
      clients: ['ours', 'no client'],
      runs,
      task: { lookups, warm: 5 },
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
      ...bareRows('16384 bins, fresh process', first, bare),
      ...rowsOf('16384 bins, warm process', later, undefined, true),
      ...bareRows('16384 bins, warm process', later, bareLater),
      ...rowsOf('2048 bins, fresh process', ours, theirs, false),
    ];
  });
}

/**
 * What a client costs beyond what none can do without.
 * @param {string} name
 * @param {readonly import('./alternate.mjs').Sample[] | undefined} ours
 * @param {readonly import('./alternate.mjs').Sample[] | undefined} bare
 * @returns {import('./measure.mjs').Row[]}
 */
function bareRows(name, ours, bare) {
  return PARTS.map(([what, part]) => {
    const [a, b] = [ours, bare].map(samples => medianOf(samples, sample => sample[part].cpu));
    return {
      case: `${name}, ${what}, CPU, against fetch, signature and JSON.parse alone`,
      ours: milliseconds(a ?? 0),
      reference: milliseconds(b ?? 0),
      ratio: (a ?? 0) / (b ?? 1),
      samples: { bare },
    };
  });
}

/**
 * @param {string} name
 * @param {readonly import('./alternate.mjs').Sample[] | undefined} ours
 * @param {readonly import('./alternate.mjs').Sample[] | undefined} theirs
 * @param {boolean} goals
 * @returns {import('./measure.mjs').Row[]}
 */
function rowsOf(name, ours, theirs, goals) {
  return PARTS.map(([what, part, goal]) => {
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
