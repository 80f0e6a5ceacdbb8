// A crate name, as crates.io accepts it.
//
//   itoa   serde_json   Inflector   md-5      are names
//   1st   _x   größe   a.b   com1   ""        are not
//
// - 1 to 64 characters of A-Z a-z 0-9 _ -
// - the first is a letter
// - not a device name of Windows (con, nul, com1, …), in any case: the name becomes a file name
//
// Names that differ only in case or in - and _ name the same crate; `foldCrateName` gives what they share.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { INDEX_LIMITS } from './limits.ts';

declare const crateName: unique symbol;

/** A checked crate name in its exact spelling. */
export type CrateName = string & { readonly [crateName]: true };

/** Throws `INDEX_NAME`. */
export function parseCrateName(text: string): CrateName {
  if (text.length > INDEX_LIMITS.nameLength) {
    throw fail(
      'INDEX_NAME',
      `crate name: ${text.length} characters, expected at most ${INDEX_LIMITS.nameLength}`,
      {
        details: { length: text.length, limit: INDEX_LIMITS.nameLength },
      },
    );
  }
  if (!SPELLING.test(text)) {
    throw fail(
      'INDEX_NAME',
      `crate name: "${escapeText(text)}", expected a letter, then letters, digits, _ or -`,
      {
        details: { name: text },
      },
    );
  }
  if (WINDOWS_DEVICE.test(text)) {
    throw fail('INDEX_NAME', `crate name: "${text}" is a device name of Windows, expected another`, {
      details: { name: text },
    });
  }
  return text as CrateName;
}

const SPELLING = /^[A-Za-z][A-Za-z0-9_-]*$/;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;

/** What all spellings of one crate share: "Serde-JSON" and "serde_json" give "serde_json". */
export function foldCrateName(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}
