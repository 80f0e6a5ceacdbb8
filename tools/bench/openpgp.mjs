// @ts-check
// Detached signatures of OpenPGP by one key, one after the other: ours against openpgp.js.

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { formatCertificate, signDetached } from '@cargo-tuf/openpgp';
import { INDEX_RUN } from './commits.mjs';
import { median, run, withFolder } from './measure.mjs';
import { makeIdentity } from './signed-index.mjs';

const COUNT = 2_000;

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchOpenPgp({ runs = 11 } = {}) {
  return withFolder('openpgp', async folder => {
    const { signer, certificate } = await makeIdentity();
    const payloads = Array.from({ length: COUNT }, () => randomBytes(400));
    const time = Date.now() - 30_000;
    const signatures = await Promise.all(
      payloads.map(payload => signDetached(payload, signer, certificate, { time })),
    );
    const options = {
      payloads: payloads.map(payload => payload.toString('hex')),
      signatures,
      certificate: formatCertificate(certificate),
    };
    await writeFile(`${folder}/options.json`, JSON.stringify(options));
    /** @type {Record<'ours' | 'openpgp.js', import('./index-run.mjs').Times[]>} */
    const samples = { ours: [], 'openpgp.js': [] };
    for (let at = 0; at < runs; at++)
      for (const name of /** @type {const} */ (['ours', 'openpgp.js']))
        samples[name].push(
          JSON.parse(
            await run(process.execPath, [INDEX_RUN, `signatures, ${name}`, `${folder}/options.json`]),
          ),
        );
    const cpu = (/** @type {'ours' | 'openpgp.js'} */ name) => median(samples[name].map(each => each.cpu));
    const wall = (/** @type {'ours' | 'openpgp.js'} */ name) => median(samples[name].map(each => each.wall));
    const rate = (/** @type {number} */ time) => `${Math.round((1000 * COUNT) / time)} a second`;
    return /** @type {const} */ ([
      ['CPU', cpu],
      ['wall', wall],
    ]).map(([what, read]) => ({
      case: `${COUNT} signatures, ${what}`,
      ours: rate(read('ours')),
      reference: `${rate(read('openpgp.js'))}, openpgp.js`,
      ratio: read('ours') / read('openpgp.js'),
      goal: 1 / 3,
      notes: `${(read('openpgp.js') / read('ours')).toFixed(1)} times as many`,
      samples,
    }));
  });
}
