// @ts-check
// What the proxy costs: a cold `cargo fetch` of the large project of Debian's crates through the proxy, against the same
// crates from a plain static server. Runs alternate; each has folders of its own, since a file system that has just removed
// thousands of files is slow to make the next ones, and the disk is written out before each.

import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { makeCertificate } from './certificate.mjs';
import { plainSource, prepareRegistry, serveMirror, servePlain } from './debian-registry.mjs';
import { freePort, median, run, withFolder } from './measure.mjs';

/** @typedef {Awaited<ReturnType<typeof serveMirror>>} Mirror */

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
    for (const mode of MODES) rows.push(...(await measureMode(folder, prepared, mode, pairs)));
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
  /** @type {{ plain: number[], started: number[], served: number[] }} */
  const times = { plain: [], started: [], served: [] };
  let asked = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const homes = `${folder}/${mode(name)}-${pair}`;
    times.plain.push(await fetchPlain(`${homes}/plain`, plain.url, prepared, environment));
    const through = async (/** @type {boolean} */ served) =>
      fetchThroughProxy(`${homes}/proxy-${served}`, mirror, prepared, environment, served);
    const before = mirror.counts().requests;
    times.started.push(await through(false));
    asked = mirror.counts().requests - before;
    times.served.push(await through(true));
  }
  plain.close();
  mirror.close();
  const reference = median(times.plain);
  return /** @type {const} */ (['served', 'started']).map(proxy => {
    const ours = median(times[proxy]);
    return {
      case: `${name}, proxy that ${proxy === 'served' ? 'has served before' : 'has just started'}`,
      ours: `${Math.round(ours)} ms`,
      reference: `${Math.round(reference)} ms, static server`,
      ratio: ours / reference,
      ...(proxy === 'served' && { goal }),
      notes: `medians of ${pairs} runs each, ${asked} requests to the mirror`,
      samples: { plain: times.plain, proxy: times[proxy] },
    };
  });
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

/**
 * A cold fetch through a proxy that runs: right after its start, and after it has served the build of another registry, as
 * a proxy that runs for days has. Its store holds nothing of this registry but what it syncs when it starts.
 * @param {string} home @param {Mirror} mirror @param {import('./debian-registry.mjs').Prepared} prepared
 * @param {object} environment @param {boolean} served
 */
async function fetchThroughProxy(home, mirror, prepared, environment, served) {
  const { url } = mirror;
  const before = mirror.counts().requests;
  await mkdir(home, { recursive: true });
  const env = { CARGO_HOME: home, ...environment };
  const root = `${prepared.repository}/metadata/1.root.json`;
  const fingerprint = sha256(await readFile(root));
  const tuf = (/** @type {string[]} */ ...args) =>
    run('node', [prepared.program, ...args], { cwd: prepared.project, env });
  for (const registry of ['crates-io', ...(served ? [OTHER] : [])])
    await tuf('trust', 'add', registry, '--root', root, '--mirror', url, '--fingerprint', fingerprint);
  const port = await freePort();
  await tuf('enable', '--port', String(port));
  try {
    await quiet(() => mirror.counts().requests - before);
    if (served) {
      const other = `http://127.0.0.1:${port}/${sha256(OTHER).slice(0, 16)}/`;
      await fetchPlain(`${home}-other`, other, prepared, environment);
      // It writes what it keeps when nothing is asked for.
      await new Promise(resolve => setTimeout(resolve, 1000));
    }
    await run('sync', []);
    return await timed(() => run('cargo', ['fetch', '--locked'], { cwd: prepared.project, env }));
  } finally {
    await tuf('disable');
  }
}

/** A registry of another name; its folders in the proxy's store are its own. */
const OTHER = 'sparse+https://other.example/index/';

/** Waits until nothing was asked for a while: the proxy syncs by itself when it starts. @param {() => number} requests */
async function quiet(requests) {
  for (let before = -1; before < requests() || before === 0; ) {
    before = requests();
    await new Promise(resolve => setTimeout(resolve, 300));
  }
}

/** @param {string | Uint8Array} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
