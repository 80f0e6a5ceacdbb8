// @ts-check
// What verified toolchains cost: an install of a toolchain of this machine by rustup through a proxy that runs, and by rustup-tuf, against
// rustup with the same archives from the same static server without signatures, by turns; and what an update asks for when nothing
// changed. Needs rustup, with a toolchain that it has installed, and nginx: a server is another machine, and this one costs the two cores
// that the clients have less than one of Node. CARGO_TUF_BENCH_FORMATS names formats of archives.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { importSource } from './import-source.mjs';
import { freePort, median, run, withFolder } from './measure.mjs';

const PROGRAM = fileURLToPath(new URL('../../apps/cargo-tuf/dist/main.js', import.meta.url));
const RUSTUP_TUF = fileURLToPath(new URL('../../apps/rustup-tuf/dist/main.js', import.meta.url));
const INSTALL = ['toolchain', 'install', 'stable', '--profile', 'minimal', '--no-self-update'];
/** Packages that the fixtures take as they were built. */
const BUILT = ['@cargo-tuf/keys', '@cargo-tuf/release-channel', '@cargo-tuf/repository'];
/** How long rustup-tuf may take with archives of a format, as a multiple of rustup's time. */
const GOALS = { gz: 1, zst: 1, xz: 1.5 };
/** @typedef {keyof typeof GOALS} Format */
const FORMATS = /** @type {Format[]} */ (
  (process.env['CARGO_TUF_BENCH_FORMATS'] ?? Object.keys(GOALS).join(',')).split(',')
);

/** @param {{ pairs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export async function benchRustup({ pairs = 5 } = {}) {
  return withFolder('rustup', async folder => {
    const rows = [];
    for (const format of FORMATS) rows.push(...(await measureFormat(`${folder}/${format}`, format, pairs)));
    return rows;
  });
}

/** @param {string} folder @param {Format} format @param {number} pairs */
async function measureFormat(folder, format, pairs) {
  const { root, bytes } = await prepareReleases(folder, format);
  const { startNginx } = await importSource('tools/fixtures/nginx.ts');
  const server = await startNginx(`${folder}/nginx`, `${folder}/server`, '');
  /** @type {{ plain: number[], proxy: number[], memory: number[], own: number[], ownMemory: number[] }} */
  const times = { plain: [], proxy: [], memory: [], own: [], ownMemory: [] };
  let unchanged = { plain: '', proxy: '', over: 0, requests: 0 };
  for (let pair = 0; pair < pairs; pair++) {
    const home = `${folder}/home`;
    const plain = await makeHome(home);
    times.plain.push(await install({ ...plain, RUSTUP_DIST_SERVER: server.url.slice(0, -1) }));
    const before = await server.counts();
    await run('rustup', ['update', '--no-self-update'], {
      env: { ...plain, RUSTUP_DIST_SERVER: server.url.slice(0, -1) },
    });
    const asked = difference(await server.counts(), before);
    await rm(home, { recursive: true });

    const signed = await makeHome(home);
    const proxy = await startProxy(home, root, server.url, signed);
    try {
      times.proxy.push(await install({ ...signed, ...proxy.variables }));
      times.memory.push(await peakMemory(proxy.pid));
    } finally {
      process.kill(proxy.pid, 'SIGTERM');
    }
    const start = await server.counts();
    await run('node', [PROGRAM, 'rustup', 'update', '--no-self-update'], { env: signed });
    const ours = difference(await server.counts(), start);
    const { size } = await stat(`${folder}/server/metadata/timestamp.json`);
    unchanged = {
      plain: `${asked.requests} request, ${asked.bytes} bytes`,
      proxy: `${ours.requests} requests, ${ours.bytes} bytes`,
      over: ours.bytes - size,
      requests: ours.requests,
    };
    await rm(home, { recursive: true });

    const own = await makeHome(home);
    await trust(RUSTUP_TUF, ['trust', 'add'], home, root, server.url, own);
    await run('sync', []);
    const { wall, memory } = await withMemory([RUSTUP_TUF, 'install', 'stable', '--profile', 'minimal'], own);
    times.own.push(wall);
    times.ownMemory.push(memory);
    await rm(home, { recursive: true });
  }
  await server.close();
  const [ours, reference] = [median(times.proxy), median(times.plain)];
  const megabytes = Math.round(bytes / 1e6);
  return [
    {
      case: `install of ${megabytes} MB as ${format}, rustup through the proxy`,
      ours: `${Math.round(ours)} ms`,
      reference: `${Math.round(reference)} ms, static server`,
      ratio: ours / reference,
      goal: 1.1,
      notes: `medians of ${pairs} runs each; the proxy takes ${Math.round(median(times.memory))} MiB`,
      samples: times,
    },
    {
      case: `install of ${megabytes} MB as ${format}, rustup-tuf`,
      ours: `${Math.round(median(times.own))} ms`,
      reference: `${Math.round(reference)} ms, rustup without signatures`,
      ratio: median(times.own) / reference,
      goal: GOALS[format],
      notes: `${Math.round(median(times.ownMemory))} MiB, of programs that it runs as well`,
    },
    {
      case: 'update, nothing changed, rustup through the proxy',
      ours: unchanged.proxy,
      reference: unchanged.plain,
      goal: '2 requests, 1 KB over the timestamp',
      notes: `${unchanged.over} bytes over the timestamp`,
    },
  ];
}

/**
 * A signed server with this machine's toolchain, in one format.
 * @param {string} folder @param {Format} format
 * @returns {Promise<{ root: Uint8Array, bytes: number }>}
 */
async function prepareReleases(folder, format) {
  const { buildReleaseServer } = await importSource('tools/fixtures/releases.ts', BUILT);
  const { packToolchain } = await importSource('tools/fixtures/toolchain-archives.ts', BUILT);
  const toolchain = (await run('rustup', ['which', 'rustc'])).trim().replace(/\/bin\/rustc$/, '');
  const server = await buildReleaseServer(`${folder}/server`);
  const packing = { folder: `${folder}/packing`, label: '1.95.0', host: server.host, formats: [format] };
  await mkdir(packing.folder, { recursive: true });
  const components = await packToolchain(packing, toolchain);
  await server.publishChannel({ channel: 'stable', date: '2026-11-05', version: '1.95.0', components });
  const sizes = await Promise.all(
    components.flatMap((/** @type {{ archives: { file: string }[] }} */ each) =>
      each.archives.map(async ({ file }) => (await stat(file)).size),
    ),
  );
  await rm(packing.folder, { recursive: true });
  return { root: server.root, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** A fresh home with a rustup in it; gives its environment. @param {string} home */
async function makeHome(home) {
  const rustup = await realpath((await run('sh', ['-c', 'command -v rustup'])).trim());
  await mkdir(`${home}/cargo/bin`, { recursive: true });
  await cp(rustup, `${home}/cargo/bin/rustup`);
  return {
    HOME: home,
    CARGO_HOME: `${home}/cargo`,
    RUSTUP_HOME: `${home}/rustup`,
    PATH: `${home}/cargo/bin:${process.env['PATH']}`,
  };
}

/**
 * @param {string} home @param {Uint8Array} root @param {string} url @param {Record<string, string>} env
 * @returns {Promise<{ pid: number, variables: Record<string, string> }>}
 */
async function startProxy(home, root, url, env) {
  await mkdir(`${home}/cargo/tuf`, { recursive: true, mode: 0o700 });
  await writeFile(`${home}/cargo/tuf/proxy.json`, `{"format":1,"port":${await freePort()}}`);
  await trust(PROGRAM, ['trust', 'add', 'rust-releases'], home, root, url, env);
  const variables = JSON.parse(await run('node', [PROGRAM, 'env', '--json'], { env }));
  const { openSecret, readProxyStatus } = await importSource('packages/local-proxy/src/index.ts');
  const port = Number(new URL(variables.RUSTUP_DIST_SERVER).port);
  const { pid } = await readProxyStatus(port, await openSecret(`${home}/cargo/tuf/proxy-secret`));
  return { pid, variables };
}

/**
 * @param {string} program @param {readonly string[]} command @param {string} home @param {Uint8Array} root @param {string} url
 * @param {Record<string, string>} env
 */
async function trust(program, command, home, root, url, env) {
  const file = `${home}/root.json`;
  await writeFile(file, root);
  const fingerprint = createHash('sha256').update(root).digest('hex');
  const options = ['--root', file, '--fingerprint', fingerprint, '--mirror', url];
  await run(process.execPath, [program, ...command, ...options], { env });
}

/** @param {readonly string[]} args @param {Record<string, string>} env @returns {Promise<{ wall: number, memory: number }>} milliseconds, MiB */
async function withMemory(args, env) {
  const start = performance.now();
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  let memory = 0;
  const timer = setInterval(() => (memory = Math.max(memory, residentWithChildren(child.pid))), 20);
  const [code] = await ended;
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(' ')}: ended with ${code}`);
  return { wall: performance.now() - start, memory };
}

/** MiB at this moment. @param {number | string | undefined} pid @returns {number} */
function residentWithChildren(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const own = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return children.reduce((sum, child) => sum + residentWithChildren(child), own);
  } catch {
    return 0; // It has ended.
  }
}

/** @param {Record<string, string>} env */
async function install(env) {
  await run('sync', []);
  const start = performance.now();
  await run('rustup', INSTALL, { env });
  return performance.now() - start;
}

/** MiB at its highest. @param {number} pid */
async function peakMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** @typedef {{ requests: number, bytes: number }} Counts @param {Counts} after @param {Counts} before @returns {Counts} */
function difference(after, before) {
  return { requests: after.requests - before.requests, bytes: after.bytes - before.bytes };
}
