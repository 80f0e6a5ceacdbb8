// Where a crate's entry is in an index: directories by the first characters of the lower-case name.
//
//   a → 1/a     ab → 2/ab     abc → 3/a/abc     itoa → it/oa/itoa     Inflector → in/fl/inflector

import { escapeText } from '@cargo-tuf/errors';
import { parseCrateName } from './crate-name.ts';
import { fail } from './errors.ts';
import { INDEX_LIMITS } from './limits.ts';

/** The index path of a crate name in any case. Throws `INDEX_NAME`. */
export function indexPath(name: string): string {
  const lower = parseCrateName(name).toLowerCase();
  return `${indexDirectory(lower)}/${lower}`;
}

/**
 * The index path of a lower-case crate name; any other spelling throws `INDEX_NAME`. Different names give different
 * paths, which is what the `path` of a Merkle map's shape needs.
 */
export function indexPathOfLowerCase(name: string): string {
  if (name !== name.toLowerCase()) {
    throw fail('INDEX_NAME', `crate name: "${escapeText(name)}", expected lower case`, { details: { name } });
  }
  return indexPath(name);
}

/**
 * `indexPathOfLowerCase` for those who have millions of names as bytes, `from`…`to` of `bytes`: writes the path to `out`, which
 * has room for 6 bytes more than a name, and gives its length. 0 for a name of fewer than 5 characters or with anything but
 * a-z 0-9 _ - in it: ask `indexPathOfLowerCase` about that one.
 */
export function writeIndexPath(bytes: Uint8Array, from: number, to: number, out: Uint8Array): number {
  const length = to - from;
  if (length < 5 || length > INDEX_LIMITS.nameLength || (PLAIN[bytes[from] as number] as number) < LETTER)
    return 0;
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[from + index] as number;
    if (PLAIN[byte] === 0) return 0;
    out[6 + index] = byte;
  }
  out[0] = out[6] as number;
  out[1] = out[7] as number;
  out[2] = SLASH;
  out[3] = out[8] as number;
  out[4] = out[9] as number;
  out[5] = SLASH;
  return 6 + length;
}

const SLASH = 0x2f;
const LETTER = 2;
/** 2 for a-z, 1 for 0-9 _ -, 0 for all other bytes. */
const PLAIN: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[a-z]/.test(character) ? LETTER : /[0-9_-]/.test(character) ? 1 : 0;
});

/** The lower-case crate name of an index path. Throws `INDEX_PATH` unless it is the one path of that name. */
export function parseIndexPath(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  try {
    if (indexPathOfLowerCase(name) === path) return name;
  } catch (cause) {
    throw fail('INDEX_PATH', `index path: "${escapeText(path)}" does not end in a lower-case crate name`, {
      cause,
      details: { path },
    });
  }
  throw fail('INDEX_PATH', `index path: "${escapeText(path)}", expected "${indexPath(name)}"`, {
    details: { path, expected: indexPath(name) },
  });
}

/** The directories before the name, cut from a checked name as it is spelled: "it/oa", "3/a", "2", "1". */
export function indexDirectory(name: string): string {
  if (name.length < 3) return String(name.length);
  if (name.length === 3) return `3/${name.slice(0, 1)}`;
  return `${name.slice(0, 2)}/${name.slice(2, 4)}`;
}
