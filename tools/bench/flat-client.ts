// One client in a process of its own, so that its CPU time and memory are its own:
//
//   node flat-client.mjs ours|tuf-js refresh|again|downloads <mirror url> <root file> <folder> [<file with target paths>]
//   {"cpuMs":412,"wallMs":430,"peakMiB":141}

import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { openClient } from '@cargo-tuf/client';
import { openFolderStore } from '@cargo-tuf/folder-store';
import { openHttpSource } from '@cargo-tuf/http-transport';

const [who = '', what = '', url = '', rootFile = '', folder = '', list = ''] = process.argv.slice(2);
const LIMIT = 512 * 1024 * 1024;

await mkdir(folder, { recursive: true });
const client = who === 'ours' ? await ours() : who === 'tuf-js' ? await tufJs() : plainLoop();
if (what !== 'refresh') await client.refresh();
const paths = what === 'downloads' ? (await readFile(list, 'utf8')).split('\n') : [];
const [start, cpu] = [performance.now(), process.cpuUsage()];
if (what === 'downloads') for (const path of paths) await client.download(path);
else await client.refresh();
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    cpuMs: Math.round((user + system) / 1000),
    wallMs: Math.round(performance.now() - start),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
process.exit(0);

interface Measured {
  refresh(): Promise<unknown>;
  download(path: string): Promise<void>;
}

async function ours(): Promise<Measured> {
  const source = openHttpSource({ mirrors: [url], proxy: false });
  const opened = openClient({
    root: await readFile(rootFile),
    source,
    store: await openFolderStore(`${folder}/store`),
    clock: Date.now,
    limits: { targets: LIMIT },
  });
  let snapshot = await (what === 'refresh' ? undefined : opened.sync());
  return {
    refresh: async () => {
      snapshot = await opened.sync();
    },
    download: async path => {
      const bytes = await snapshot?.fetchTarget(path);
      if (bytes === undefined) throw new Error(`${path}: no such target`);
      await writeDurably(path, bytes);
    },
  };
}

async function tufJs(): Promise<Measured> {
  const { Updater } = await import('tuf-js');
  await mkdir(`${folder}/metadata`, { recursive: true });
  await mkdir(`${folder}/targets`, { recursive: true });
  await (await import('node:fs/promises')).copyFile(rootFile, `${folder}/metadata/root.json`);
  const open = (): InstanceType<typeof Updater> =>
    new Updater({
      metadataDir: `${folder}/metadata`,
      metadataBaseUrl: `${url}metadata`,
      targetDir: `${folder}/targets`,
      targetBaseUrl: `${url}targets`,
      config: { targetsMaxLength: LIMIT },
    });
  let updater = open();
  return {
    refresh: () => {
      updater = open();
      return updater.refresh();
    },
    download: async path => {
      const target = await updater.getTargetInfo(path);
      if (target === undefined) throw new Error(`${path}: no such target`);
      await updater.downloadTarget(target);
    },
  };
}

/** Fetches, hashes, syncs, renames: what a download costs without any client. `path` is `<url path> <sha256>`. */
function plainLoop(): Measured {
  const agent = new Agent({ keepAlive: true });
  return {
    refresh: async () => undefined,
    download: async line => {
      const [path = '', expected] = line.split(' ');
      const bytes = await fetchBytes(`${url}${path}`, agent);
      if (createHash('sha256').update(bytes).digest('hex') !== expected) throw new Error(`${path}: another hash`);
      await writeDurably(path, bytes);
    },
  };
}

function fetchBytes(address: string, agent: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(address, { agent }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const name = `${folder}/${path.replaceAll('/', '-')}`;
  const handle = await open(`${name}.temporary`, 'w');
  await handle.writeFile(bytes);
  await handle.sync();
  await handle.close();
  await rename(`${name}.temporary`, name);
}
