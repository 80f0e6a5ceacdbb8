// What a monitor remembers, in a folder: one file a root and one a state, which are only ever added.
//
//   roots/2.json     states/0000000000000017.json     tiles/     the cache of tiles

import { readdir } from 'node:fs/promises';
import {
  CONTAINER_BYTES,
  formatContainer,
  formatState,
  parseContainer,
  parseState,
  type Records,
} from '@cargo-tuf/auditor';
import { createLocalFile, readLocalFile } from '@cargo-tuf/cargo-tuf-lib';

const ROOT_BYTES = 512_000;

export function openRecords(folder: string): Records {
  const statePath = (version: number): string => `${folder}/states/${String(version).padStart(16, '0')}.json`;
  return {
    roots: async () => {
      const versions = await numbers(`${folder}/roots`);
      const roots: Uint8Array[] = [];
      for (const version of versions) {
        const bytes = await readLocalFile(`${folder}/roots/${version}.json`, ROOT_BYTES);
        if (bytes !== undefined) roots.push(bytes);
      }
      return roots;
    },
    addRoot: async (version, bytes) => void (await createLocalFile(`${folder}/roots/${version}.json`, bytes)),
    versions: () => numbers(`${folder}/states`),
    state: async version => {
      const bytes = await readLocalFile(statePath(version), CONTAINER_BYTES);
      return bytes && parseState(parseContainer(bytes));
    },
    addState: async (version, state) =>
      void (await createLocalFile(statePath(version), formatContainer(formatState(state)))),
  };
}

/** The numbers that files of a folder are named by, ascending. */
async function numbers(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = names.flatMap(name => /^([0-9]{1,16})\.json$/.exec(name)?.[1] ?? []).map(Number);
  return found.filter(Number.isSafeInteger).sort((a, b) => a - b);
}
