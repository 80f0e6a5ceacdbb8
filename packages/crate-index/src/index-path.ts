// Where a crate's entry is in an index: directories by the first characters of the lower-case name.
//
//   a → 1/a     ab → 2/ab     abc → 3/a/abc     itoa → it/oa/itoa     Inflector → in/fl/inflector

import { escapeText } from '@cargo-tuf/errors';
import { parseCrateName } from './crate-name.ts';
import { fail } from './errors.ts';

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
