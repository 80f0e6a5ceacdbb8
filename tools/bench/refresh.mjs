// @ts-check
// A refresh that finds nothing changed, by a process that begins with what an earlier one has left.

import { alternate, medianOf, milliseconds } from './alternate.mjs';
import { withFolder } from './measure.mjs';
import { makeFlatRepository } from './tuf-repository.mjs';

const TARGETS = 100;

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchRefresh({ runs = 21 } = {}) {
  return withFolder('refresh', async folder => {
    const repository = await makeFlatRepository(TARGETS);
    const clients = ['ours', 'tuf-js'];
    const { ours, 'tuf-js': theirs } = await alternate({ folder, repository, clients, runs, again: true });
    const [a, b] = [ours, theirs].map(samples => medianOf(samples, sample => sample.refresh.wall));
    const [c, d] = [ours, theirs].map(samples => medianOf(samples, sample => sample.refresh.cpu));
    const most = Math.max(...(ours ?? []).map(sample => sample.requests));
    return [
      {
        case: 'nothing changed, requests',
        ours: String(most),
        reference: `${medianOf(theirs, sample => sample.requests)}, tuf-js`,
        goal: '2',
        notes: 'the most of all runs',
      },
      {
        case: 'nothing changed, fresh process',
        ours: milliseconds(a ?? 0),
        reference: `${milliseconds(b ?? 0)}, tuf-js`,
        ratio: (a ?? 0) / (b ?? 1),
        notes: `CPU ${milliseconds(c ?? 0)} against ${milliseconds(d ?? 0)}`,
        samples: { ours, theirs },
      },
    ];
  });
}
