// @ts-check
// Many small downloads through client and store, against loops that know what to expect and verify no metadata.

import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { alternate, medianOf, milliseconds } from './alternate.mjs';
import { withFolder } from './measure.mjs';
import { makeContentRepository } from './tuf-repository.mjs';

const COUNT = 1_000;
const LENGTH = 4_096;

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchDownloads({ runs = 11 } = {}) {
  return withFolder('downloads', async folder => {
    const repository = await makeContentRepository(COUNT, LENGTH);
    const files = [...repository.files].filter(([path]) => path.startsWith('targets/'));
    const downloads = files.map(([path, bytes]) => {
      const hash = encodeHex(sha256(bytes));
      return { name: path.slice('targets/'.length).replace(`${hash}.`, ''), path, sha256: hash };
    });
    const clients = ['ours', 'plain, synced', 'plain', 'tuf-js'];
    const samples = await alternate({ folder, repository, clients, runs, task: { downloads } });
    const wall = (/** @type {string} */ client) => medianOf(samples[client], sample => sample.downloads.wall);
    const cpu = (/** @type {string} */ client) => medianOf(samples[client], sample => sample.downloads.cpu);
    return clients.slice(1).map(client => ({
      case: `${COUNT} downloads of ${LENGTH / 1024} KiB against ${NAMES[client] ?? client}`,
      ours: milliseconds(wall('ours')),
      reference: milliseconds(wall(client)),
      ratio: wall('ours') / wall(client),
      ...(client === 'plain, synced' && { goal: '1.30' }),
      notes: `CPU ${milliseconds(cpu('ours'))} against ${milliseconds(cpu(client))}`,
      samples,
    }));
  });
}

/** @type {Readonly<Record<string, string>>} */
const NAMES = {
  'plain, synced': 'a loop that fetches, hashes, syncs and renames',
  plain: 'the same loop without syncs',
};
