// @ts-check
// The store that the conformance suite looks into: one file a role, under its unversioned name. Floors of maps and the
// documents of unfinished syncs are not kept: the suite's repositories have no maps.
import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';

const TOP_LEVEL = new Set(['timestamp', 'snapshot', 'targets']);

/** @param {string} folder @returns {import('@cargo-tuf/client').Store} */
export function openPlainStore(folder) {
  let revision = 0;
  return {
    read: async () => {
      /** @type {Map<string, Uint8Array>} */
      const documents = new Map();
      for (const name of await readdir(folder)) {
        const role = name.endsWith('.json') ? decodeURIComponent(name.slice(0, -5)) : 'root';
        if (role === 'root') continue;
        const document = TOP_LEVEL.has(role) ? role : `delegated.${role}`;
        documents.set(document, new Uint8Array(await readFile(`${folder}/${name}`)));
      }
      return { revision, documents };
    },
    replace: async (_expected, changes) => {
      for (const [document, bytes] of changes) {
        const name = fileOf(document);
        if (name !== undefined && bytes !== null) await writeWhole(`${folder}/${name}`, bytes);
      }
      revision += 1;
      return revision;
    },
    cached: async () => null,
    keep: async () => undefined,
  };
}

/** @param {string} document */
function fileOf(document) {
  if (TOP_LEVEL.has(document)) return `${document}.json`;
  if (document.startsWith('root.')) return 'root.json';
  if (document.startsWith('delegated.'))
    return `${encodeURIComponent(document.slice('delegated.'.length))}.json`;
  return undefined;
}

/** @param {string} path @param {Uint8Array} bytes */
export async function writeWhole(path, bytes) {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
