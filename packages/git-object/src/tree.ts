// A tree object: entries one after the other, `<mode> <name>\0` and the id in binary, sorted by name as bytes, where
// the name of a tree counts with a "/" at its end.
//
//   100644 config.json\0<20 or 32 bytes>
//   40000 it\0<20 or 32 bytes>

import { escapeText } from '@cargo-tuf/errors';
import { decodeHex, encodeHex } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { checkLimit, GIT_OBJECT_LIMITS, type GitObjectLimits } from './limits.ts';
import { ID_BYTES, isObjectId, type ObjectFormat, type ObjectId } from './object-id.ts';
import { concatBytes, encodeUtf8 } from './text.ts';
import { parseTreeName } from './tree-name.ts';

export type TreeEntryKind = 'file' | 'executable' | 'link' | 'tree' | 'submodule';

export interface TreeEntry {
  readonly kind: TreeEntryKind;
  readonly id: ObjectId;
}

/** Entries by name, in git's order. */
export type Tree = ReadonlyMap<string, TreeEntry>;

const MODES: Readonly<Record<TreeEntryKind, string>> = {
  file: '100644',
  executable: '100755',
  link: '120000',
  tree: '40000',
  submodule: '160000',
};
const KINDS: ReadonlyMap<string, TreeEntryKind> = new Map(
  Object.entries(MODES).map(([kind, mode]) => [mode, kind as TreeEntryKind]),
);

/** Throws `GIT_OBJECT_TREE_ENTRY`, `GIT_OBJECT_TREE_ORDER` or `GIT_OBJECT_LIMIT`. */
export function parseTree(bytes: Uint8Array, format: ObjectFormat, limits?: Partial<GitObjectLimits>): Tree {
  const all = { ...GIT_OBJECT_LIMITS, ...limits };
  checkLimit('tree: bytes', bytes.length, all.treeBytes);
  const tree = new Map<string, TreeEntry>();
  let previous: Uint8Array | undefined;
  for (let at = 0; at < bytes.length; ) {
    const { entry, name, nameBytes, end } = readEntry(bytes, at, format, all);
    const key = sortKey(nameBytes, entry.kind);
    if (tree.has(name) || (previous !== undefined && compareBytes(previous, key) >= 0)) {
      throw fail(
        'GIT_OBJECT_TREE_ORDER',
        `tree: entry "${escapeText(name, 60)}", expected each once and in order`,
        {
          details: { name: escapeText(name), offset: at },
        },
      );
    }
    previous = key;
    tree.set(name, entry);
    checkLimit('tree: entries', tree.size, all.treeEntries);
    at = end;
  }
  return tree;
}

function readEntry(bytes: Uint8Array, start: number, format: ObjectFormat, limits: GitObjectLimits) {
  const space = bytes.indexOf(0x20, start);
  const mode = String.fromCharCode(...bytes.subarray(start, Math.min(space < 0 ? start : space, start + 7)));
  const kind = KINDS.get(mode);
  const nul = bytes.indexOf(0, space);
  const end = nul + 1 + ID_BYTES[format];
  if (kind === undefined || nul < 0 || end > bytes.length) {
    throw fail('GIT_OBJECT_TREE_ENTRY', `tree: entry at ${start}: expected a mode of git, a name and an id`, {
      details: { offset: start, mode: escapeText(mode) },
    });
  }
  const nameBytes = bytes.subarray(space + 1, nul);
  const name = parseTreeName(nameBytes, limits);
  const id = encodeHex(bytes.subarray(nul + 1, end));
  if (!isObjectId(id, format)) throw idError(name, id, format);
  return { entry: { kind, id }, name, nameBytes, end };
}

function idError(name: string, id: string, format: ObjectFormat) {
  return fail(
    'GIT_OBJECT_TREE_ENTRY',
    `tree: entry "${escapeText(name, 60)}" with id ${escapeText(id, 80)}, expected one of ${format}`,
    { details: { name: escapeText(name), id: escapeText(id, 80) } },
  );
}

function sortKey(name: Uint8Array, kind: TreeEntryKind): Uint8Array {
  return kind === 'tree' ? concatBytes(name, SLASH) : name;
}

const SLASH = Uint8Array.of(0x2f);

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The bytes of a tree object, entries put in git's order. Refuses what `parseTree` would refuse. */
export function formatTree(
  entries: Iterable<readonly [name: string, entry: TreeEntry]>,
  format: ObjectFormat,
  limits?: Partial<GitObjectLimits>,
): Uint8Array {
  const all = { ...GIT_OBJECT_LIMITS, ...limits };
  const rows = Array.from(entries, ([name, { kind, id }]) => {
    if (!isObjectId(id, format)) throw idError(name, id, format);
    const nameBytes = encodeUtf8(name);
    if (parseTreeName(nameBytes, all) !== name)
      throw fail('GIT_OBJECT_TREE_ENTRY', 'tree: a name with a lone surrogate, expected well-formed text');
    return {
      key: sortKey(nameBytes, kind),
      bytes: concatBytes(encodeUtf8(`${MODES[kind]} ${name}\0`), decodeHex(id)),
    };
  });
  rows.sort((left, right) => compareBytes(left.key, right.key));
  const bytes = concatBytes(...rows.map(row => row.bytes));
  parseTree(bytes, format, all);
  return bytes;
}
