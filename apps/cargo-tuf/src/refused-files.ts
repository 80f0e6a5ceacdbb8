// Files of mirrors that did not verify. The next mirror was asked, so nothing failed; whoever runs that mirror, or uses it, has to
// know. The latest stand in `$CARGO_HOME/tuf/refused.json`, for `cargo tuf status`:
//
//   [{"code":"METADATA_HASH","message":"it/oa/itoa: sha256 …","mirror":"https://m.example/","path":"targets/…","time":"…"}]

import { encodeCanonical, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import { readLocalFile, type RejectedFile, writeLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { formatTime } from '@cargo-tuf/metadata';
import { type Context, say } from './context.ts';

export interface RefusedFile {
  readonly mirror: string;
  readonly path: string;
  /** Why it was refused. */
  readonly message: string;
  readonly code: string;
  readonly time: string;
}

const MEMBERS = ['mirror', 'path', 'message', 'code', 'time'] as const;
const KEPT = 20;
const FILE_BYTES = 256 * 1024;

export interface RefusedFiles {
  add(file: RejectedFile): void;
  /** Resolves when all of them stand in the file. */
  written(): Promise<void>;
}

/** Tells of each refused file on standard error, once, and keeps it. */
export function openRefusedFiles(context: Context): RefusedFiles {
  const told = new Set<string>();
  let last: Promise<void> = Promise.resolve();
  return {
    add: ({ url, path, reason }) => {
      const refused = {
        mirror: url,
        path: escapeText(path, 400),
        message: escapeText(reason instanceof Error ? reason.message : 'it did not verify', 400),
        code: isTufError(reason) ? reason.code : 'INTERNAL',
        time: formatTime(context.clock()),
      };
      const id = `${url} ${path}`;
      if (told.has(id)) return;
      told.add(id);
      say(
        context,
        `warning: mirror ${url} serves a wrong ${refused.path}: ${refused.message} [${refused.code}]`,
      );
      last = last.then(() => keep(context, refused));
    },
    written: () => last,
  };
}

/** Newest last. What cannot be read counts as none: it decides nothing. */
export async function readRefusedFiles(context: Context): Promise<readonly RefusedFile[]> {
  try {
    const bytes = await readLocalFile(pathOf(context), FILE_BYTES);
    const list = bytes === undefined ? [] : parseJson(bytes);
    return Array.isArray(list) ? list.flatMap(each => readOne(each)) : [];
  } catch (error) {
    if (isTufError(error)) return [];
    throw error;
  }
}

function readOne(value: JsonValue): readonly RefusedFile[] {
  if (!isJsonObject(value)) return [];
  const [mirror, path, message, code, time] = MEMBERS.map(name => value.get(name));
  const isText = (text: JsonValue | undefined): text is string => typeof text === 'string';
  if (!isText(mirror) || !isText(path) || !isText(message) || !isText(code) || !isText(time)) return [];
  return [{ mirror, path, message, code, time }];
}

async function keep(context: Context, refused: RefusedFile): Promise<void> {
  const files = [...(await readRefusedFiles(context)), refused].slice(-KEPT);
  const list = files.map(file => new Map<string, JsonValue>(MEMBERS.map(name => [name, file[name]])));
  try {
    await writeLocalFile(pathOf(context), encodeCanonical(list));
  } catch (error) {
    // It was told; what it is about must not fail for want of a note.
    if (!isTufError(error)) throw error;
  }
}

function pathOf(context: Context): string {
  return `${context.home.tuf}/refused.json`;
}
