// @ts-check
// What the proxy costs: a cold `cargo fetch` of the large project of Debian's crates through the proxy, against the same
// crates from a plain static server. Runs alternate; each has folders of its own, since a file system that has just removed
// thousands of files is slow to make the next ones, and the disk is written out before each.

import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { makeCertificate } from './certificate.mjs';
import { plainSource, prepareRegistry, serveMirror, servePlain } from './debian-registry.mjs';
import { freePort, median, run, withFolder } from './measure.mjs';

const MODES = [
  { name: 'no latency', latency: 0, tls: false, goal: 1.25 },
  { name: '50 ms, HTTP/1.1', latency: 50, tls: false, goal: 1 / 3 },
  { name: '50 ms, TLS and HTTP/2', latency: 50, tls: true, goal: 1.2 },
];

/** @param {{ pairs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export async function benchProxy({ pairs = 11 } = {}) {
  return withFolder('proxy', async folder => {
    const prepared = await prepareRegistry(folder);
    const rows = [];
    for (const mode of MODES) rows.push(await measureMode(folder, prepared, mode, pairs));
    return rows;
  });
}

/**
 * @param {string} folder @param {import('./debian-registry.mjs').Prepared} prepared
 * @param {typeof MODES[number]} mode @param {number} pairs
 */
async function measureMode(folder, prepared, { name, latency, tls, goal }, pairs) {
  const certificate = tls ? await makeCertificate(folder) : undefined;
  const options = { latency, ...(certificate && { tls: certificate }) };
  const plain = await servePlain(prepared.repository, options);
  const mirror = await serveMirror(prepared.repository, options);
  const environment = certificate ? { CARGO_HTTP_CAINFO: certificate.path } : {};
  /** @type {{ plain: number[], proxy: number[] }} */
  const times = { plain: [], proxy: [] };
  let asked = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const homes = `${folder}/${mode(name)}-${pair}`;
    times.plain.push(await fetchPlain(`${homes}/plain`, plain.url, prepared, environment));
    const before = mirror.counts().requests;
    times.proxy.push(await fetchThroughProxy(`${homes}/proxy`, mirror.url, prepared, environment));
    asked = mirror.counts().requests - before;
  }
  plain.close();
  mirror.close();
  const [a, b] = [median(times.plain), median(times.proxy)];
  return {
    case: name,
    ours: `${Math.round(b)} ms`,
    reference: `${Math.round(a)} ms, static server`,
    ratio: b / a,
    goal,
    notes: `medians of ${pairs} pairs, ${asked} requests to the mirror`,
    samples: times,
  };
}

/** @param {string} name */
function mode(name) {
  return name.replaceAll(/[^a-z0-9]+/gi, '-');
}

/** @param {string} home @param {string} url @param {import('./debian-registry.mjs').Prepared} prepared @param {object} environment */
async function fetchPlain(home, url, prepared, environment) {
  await mkdir(home, { recursive: true });
  await run('sync', []);
  const args = ['fetch', '--locked', ...plainSource(url)];
  return timed(() =>
    run('cargo', args, { cwd: prepared.project, env: { CARGO_HOME: home, ...environment } }),
  );
}

/** @param {string} home @param {string} url @param {import('./debian-registry.mjs').Prepared} prepared @param {object} environment */
async function fetchThroughProxy(home, url, prepared, environment) {
  await mkdir(home, { recursive: true });
  const env = { CARGO_HOME: home, ...environment };
  const root = `${prepared.repository}/metadata/1.root.json`;
  const fingerprint = createHash('sha256')
    .update(await readFile(root))
    .digest('hex');
  const tuf = (/** @type {string[]} */ ...args) =>
    run('node', [prepared.program, ...args], { cwd: prepared.project, env });
  await tuf('trust', 'add', 'crates-io', '--root', root, '--mirror', url, '--fingerprint', fingerprint);
  await tuf('enable', '--port', String(await freePort()));
  try {
    await run('sync', []);
    return await timed(() => run('cargo', ['fetch', '--locked'], { cwd: prepared.project, env }));
  } finally {
    await tuf('disable');
  }
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
