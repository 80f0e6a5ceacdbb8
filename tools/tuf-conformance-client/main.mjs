// @ts-check
// The client under test of the public TUF conformance suite, on the packages of this repository:
//
//   client --metadata-dir D init ROOT
//   client --metadata-dir D --metadata-url U refresh
//   client --metadata-dir D --metadata-url U --target-name T --target-base-url B --target-dir D download
//
// Exit code 0: done; 1: refused or failed, with the reason on standard error.
import { mkdir, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { downloadTarget } from '@cargo-tuf/cargo-tuf-lib';
import { openClient, trustRoot } from '@cargo-tuf/client';
import { formatError } from '@cargo-tuf/errors';
import { openHttpSource } from '@cargo-tuf/http-transport';
import { openPlainStore, writeWhole } from './plain-store.mjs';

/** @type {readonly ['rsa-pkcs1v15-sha256']} The suite asks for keys of every type, and names none in its trust anchors. */
const ALLOW = ['rsa-pkcs1v15-sha256'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'metadata-dir': { type: 'string' },
    'metadata-url': { type: 'string' },
    'target-name': { type: 'string', multiple: true },
    'target-base-url': { type: 'string' },
    'target-dir': { type: 'string' },
  },
});

/** @param {keyof typeof values} name @returns {string} */
function required(name) {
  const value = values[name];
  if (typeof value === 'string') return value;
  throw new TypeError(`--${name}: is missing`);
}

async function init() {
  const bytes = new Uint8Array(await readFile(positionals[1] ?? ''));
  trustRoot(bytes, { format: 'json', allow: ALLOW });
  await mkdir(required('metadata-dir'), { recursive: true });
  await writeWhole(`${required('metadata-dir')}/root.json`, bytes);
}

/** @param {(client: import('@cargo-tuf/client').Client) => Promise<void>} work */
async function withClient(work) {
  const folder = required('metadata-dir');
  const metadata = openHttpSource({ mirrors: [withSlash(required('metadata-url'))] });
  const base = values['target-base-url'];
  const targets = base === undefined ? undefined : openHttpSource({ mirrors: [withSlash(base)] });
  const client = openClient({
    root: new Uint8Array(await readFile(`${folder}/root.json`)),
    store: openPlainStore(folder),
    clock: Date.now,
    allow: ALLOW,
    source: {
      fetch: (path, options) => metadata.fetch(path.replace('metadata/', ''), /** @type {any} */ (options)),
      download: (path, options) => {
        if (targets === undefined) throw new TypeError('--target-base-url: is missing');
        return targets.download(path.replace('targets/', ''), /** @type {any} */ (options));
      },
    },
  });
  try {
    await work(client);
  } finally {
    await Promise.all([metadata.close(), targets?.close()]);
  }
}

/** @param {import('@cargo-tuf/client').Client} client */
async function download(client) {
  const folder = required('target-dir');
  const snapshot = await client.sync();
  for (const name of values['target-name'] ?? []) {
    const found = await downloadTarget(snapshot, name, `${folder}/${encodeURIComponent(name)}`);
    if (found === undefined) throw new TypeError(`${name}: no role lists it`);
  }
}

/** @param {string} url */
const withSlash = url => (url.endsWith('/') ? url : `${url}/`);

/** @type {Readonly<Record<string, () => Promise<void>>>} */
const COMMANDS = {
  init,
  refresh: () => withClient(async client => void (await client.sync())),
  download: () => withClient(download),
};

try {
  const command = COMMANDS[positionals[0] ?? ''];
  if (command === undefined) throw new TypeError('expected init, refresh or download');
  await command();
} catch (error) {
  process.stderr.write(formatError('client', error));
  process.exitCode = 1;
}
