// @ts-check
// The clients that are compared, each loaded only where it runs. `open` refreshes; both keep what they trust in a folder.

import { createHash } from 'node:crypto';
import { mkdir, open as openFile, rename } from 'node:fs/promises';

/**
 * @typedef {object} Place what a client works on
 * @property {string} url of the repository, with a slash at its end
 * @property {string} folder for what the client keeps; `root.json` lies in it
 *
 * @typedef {object} Download
 * @property {string} name of a target
 * @property {string} path of its file below the repository's address
 * @property {string} sha256
 *
 * @typedef {object} RefreshedClient
 * @property {(name: string) => Promise<boolean>} has looks a target up
 * @property {(download: Download) => Promise<void>} download has the verified file on disk in the end
 * @property {() => Promise<void>} settle has everything that it keeps on disk in the end
 * @property {() => Promise<void>} close
 *
 * @typedef {(place: Place, root: Uint8Array) => Promise<RefreshedClient>} Open
 */

/** What a repository of 100,000 targets needs beyond the default. Both clients get it. */
const BYTES = 40_000_000;
const CONNECTIONS = 16;

/** @type {Readonly<Record<string, () => Promise<Open>>>} */
export const OPENERS = {
  ours: async () => {
    const { openClient } = await import('@cargo-tuf/client');
    const { openFolderStore } = await import('@cargo-tuf/folder-store');
    const { openHttpSource } = await import('@cargo-tuf/http-transport');
    return async ({ url, folder }, root) => {
      const source = openHttpSource({ mirrors: [url], limits: { connections: CONNECTIONS } });
      const store = await openFolderStore(`${folder}/ours`);
      const limits = { snapshot: BYTES, targets: BYTES };
      const client = openClient({ root, source, store, clock: Date.now, limits });
      const snapshot = await client.sync();
      return {
        has: async name => (await snapshot.findTarget(name)) !== undefined,
        download: async ({ name }) => {
          if ((await snapshot.fetchTarget(name)) === undefined) throw new Error(`${name}: not found`);
        },
        settle: () => store.settled(),
        close: () => source.close(),
      };
    };
  },

  'tuf-js': async () => {
    const { Updater } = await import('tuf-js');
    return async ({ url, folder }) => {
      await mkdir(`${folder}/targets`, { recursive: true });
      const updater = new Updater({
        metadataDir: folder,
        metadataBaseUrl: `${url}metadata`,
        targetDir: `${folder}/targets`,
        targetBaseUrl: `${url}targets`,
        config: { snapshotMaxLength: BYTES, targetsMaxLength: BYTES },
      });
      await updater.refresh();
      return {
        has: async name => (await updater.getTargetInfo(name)) !== undefined,
        download: async ({ name }) => {
          const found = await updater.getTargetInfo(name);
          if (found === undefined) throw new Error(`${name}: not found`);
          await updater.downloadTarget(found);
        },
        settle: async () => undefined,
        close: async () => undefined,
      };
    };
  },

  'no client': openBare,

  'plain, synced': () => openPlain(true),
  plain: () => openPlain(false),
};

/**
 * What no client of Node can do without, for a refresh and lookups in hash bins: Node's HTTP client fetches each file, OpenSSL verifies its
 * signature, `JSON.parse` reads it. Nothing is checked, nothing kept.
 * @returns {Promise<Open>}
 */
async function openBare() {
  const { Agent, get } = await import('node:http');
  const { createHash, createPublicKey, verify } = await import('node:crypto');
  return async ({ url }, root) => {
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    /** @param {string} path @returns {Promise<Buffer>} */
    const fetched = path =>
      new Promise((resolve, reject) => {
        get(`${url}${path}`, { agent }, response => {
          /** @type {Buffer[]} */
          const chunks = [];
          response.on('data', chunk => chunks.push(chunk));
          response.on('end', () => resolve(Buffer.concat(chunks)));
        }).on('error', reject);
      });
    const { signed } = JSON.parse(new TextDecoder().decode(root));
    const [{ keyval }] = /** @type {{ keyval: { public: string } }[]} */ (Object.values(signed.keys));
    const der = Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      Buffer.from(keyval.public, 'hex'),
    ]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    /** The signed part of a file whose only signature is valid. @param {string} path */
    const opened = async path => {
      const bytes = await fetched(`metadata/${path}.json`);
      const text = bytes.toString('latin1');
      const start = text.indexOf('"signed":') + 9;
      const { signatures, signed: role } = JSON.parse(text);
      const signature = Buffer.from(signatures[0].sig, 'hex');
      if (!verify(null, bytes.subarray(start, -1), key, signature))
        throw new Error(`${path}: wrong signature`);
      return role;
    };
    await fetched('metadata/2.root.json');
    for (const path of ['timestamp', '1.snapshot', '1.targets']) await opened(path);
    return {
      has: async name => {
        const bin = createHash('sha256').update(name).digest().readUInt16BE(0) >> 2;
        const { targets } = await opened(`1.bin-${bin.toString(16).padStart(4, '0')}`);
        return name in targets;
      },
      download: () => Promise.reject(new Error('it downloads nothing')),
      settle: async () => undefined,
      close: async () => agent.destroy(),
    };
  };
}

/** No client: each file is fetched, hashed, written under another name, put on the disk where `sync`, and renamed. @param {boolean} sync @returns {Promise<Open>} */
async function openPlain(sync) {
  const { Agent, request } = await import('undici');
  return async ({ url, folder }) => {
    const dispatcher = new Agent({ connections: CONNECTIONS });
    await mkdir(`${folder}/files`, { recursive: true });
    return {
      has: () => Promise.reject(new Error('it looks nothing up')),
      download: async ({ path, sha256 }) => {
        const address = `${url}${path.split('/').map(encodeURIComponent).join('/')}`;
        const { body } = await request(address, { dispatcher });
        const bytes = new Uint8Array(await body.arrayBuffer());
        if (createHash('sha256').update(bytes).digest('hex') !== sha256)
          throw new Error(`${path}: wrong hash`);
        const file = await openFile(`${folder}/files/${sha256}.part`, 'wx', 0o600);
        await file.writeFile(bytes);
        if (sync) await file.datasync();
        await file.close();
        await rename(`${folder}/files/${sha256}.part`, `${folder}/files/${sha256}`);
      },
      settle: async () => undefined,
      close: () => dispatcher.close(),
    };
  };
}
