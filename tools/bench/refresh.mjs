// @ts-check
// A refresh that finds nothing new: how many requests it makes, and what it costs beside a first one.

import { withFlatRepository } from './flat-process.mjs';

/** @returns {Promise<import('./measure.mjs').Row[]>} */
export async function benchRefresh() {
  return withFlatRepository(1000, async (measure, _, requests) => {
    await measure('ours', 'refresh');
    const first = requests();
    // A client of its own: it opens, refreshes, refreshes again.
    const again = await measure('ours', 'again');
    const made = requests() - 2 * first;
    return [
      {
        case: 'refresh without a change',
        ours: `${made / 2} requests`,
        reference: 'goal 2 requests',
        ratio: made / 2 / 2,
        goal: 1,
        notes: `${again.cpuMs} ms CPU; a first refresh of the same repository makes ${first}`,
        samples: again,
      },
    ];
  });
}
