// How far the verification of an index folder has come, in a file:
//
//   {"format":1,"snapshot":"<map root or commit>","folder":"/srv/mirror/index","parts":{"se":"<64 hex>","to":"<64 hex>"}}
//
// A part is there once all its files are as signed; its text is their seal (`FolderPart` of hash-workers). Nobody signs it.

import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { encodeJson, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import { isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { readLocalFile, unwritable, writeLocalFile } from './files.ts';

export interface KeptProgress {
  /** The seal of a part that was verified as a whole. */
  sealOf(part: string): string | undefined;
  /** Writes it down soon; undefined: the part has to be read again. */
  keep(part: string, seal: string | undefined): Promise<void>;
  /** The run came to its end: there is nothing to go on with. */
  end(): Promise<void>;
}

const PROGRESS_BYTES = 16 * 1024 * 1024;
const WRITE_EVERY_MS = 1_000;

/**
 * The progress of a run of this snapshot over this folder; that of any other is left behind. Throws `LIB_FILE` for a file
 * that holds something else.
 */
export async function openProgress(
  file: string | undefined,
  snapshot: string,
  folder: string,
): Promise<KeptProgress> {
  if (file === undefined) return NOT_KEPT;
  const absolute = resolve(folder);
  const known = await readProgress(file);
  const isSame = known?.snapshot === snapshot && known.folder === absolute;
  const parts = new Map(isSame ? known.parts : []);
  let written = Date.now();
  let writing: Promise<void> = Promise.resolve();
  return {
    sealOf: part => parts.get(part),
    keep: async (part, seal) => {
      if (seal === undefined) parts.delete(part);
      else parts.set(part, seal);
      if (Date.now() - written < WRITE_EVERY_MS) return;
      written = Date.now();
      const write = () => writeLocalFile(file, formatProgress({ snapshot, folder: absolute, parts }));
      writing = writing.then(write);
      await writing;
    },
    end: async () => {
      try {
        await rm(file, { force: true });
      } catch (error) {
        throw unwritable(file, error);
      }
    },
  };
}

const NOT_KEPT: KeptProgress = {
  sealOf: () => undefined,
  keep: async () => undefined,
  end: async () => undefined,
};

interface Progress {
  readonly snapshot: string;
  readonly folder: string;
  readonly parts: ReadonlyMap<string, string>;
}

async function readProgress(file: string): Promise<Progress | undefined> {
  const bytes = await readLocalFile(file, PROGRESS_BYTES);
  if (bytes === undefined) return undefined;
  const progress = parseProgress(bytes);
  if (progress !== undefined) return progress;
  throw fail('LIB_FILE', `${file}: holds something other than the progress of a verification`, {
    hint: 'name a file that does not exist yet',
  });
}

function parseProgress(bytes: Uint8Array): Progress | undefined {
  const value = parseOrNone(bytes);
  if (!isJsonObject(value) || value.size !== 4 || value.get('format') !== 1) return undefined;
  const [snapshot, folder, members] = [value.get('snapshot'), value.get('folder'), value.get('parts')];
  if (typeof snapshot !== 'string' || typeof folder !== 'string' || !isJsonObject(members)) return undefined;
  const parts = new Map<string, string>();
  for (const [part, seal] of members) {
    if (typeof seal !== 'string') return undefined;
    parts.set(part, seal);
  }
  return { snapshot, folder, parts };
}

function formatProgress({ snapshot, folder, parts }: Progress): Uint8Array {
  return encodeJson(
    new Map<string, JsonValue>([
      ['format', 1],
      ['snapshot', snapshot],
      ['folder', folder],
      ['parts', new Map<string, JsonValue>(parts)],
    ]),
  );
}

function parseOrNone(bytes: Uint8Array): JsonValue | undefined {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (isTufError(error)) return undefined;
    throw error;
  }
}
