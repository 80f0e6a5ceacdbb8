// Names in a tree. Refused, since a checkout would write elsewhere, or into the repository itself:
//
// - "", ".", "..", and names with / or \ or a control character, or that are not UTF-8
// - ".git" in any case, with characters that HFS+ ignores, or as NTFS reads it: ".git ", ".git.", ".git::$DATA", "git~1"

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { checkLimit, type GitObjectLimits } from './limits.ts';
import { decodeUtf8 } from './text.ts';

/** Throws `GIT_OBJECT_TREE_ENTRY`. */
export function parseTreeName(bytes: Uint8Array, limits: GitObjectLimits): string {
  checkLimit('tree: bytes of a name', bytes.length, limits.nameBytes);
  const name = decodeUtf8(bytes);
  if (name === undefined || !isTreeName(name)) {
    const shown = name === undefined ? 'bytes that are not UTF-8' : `"${escapeText(name, 60)}"`;
    throw fail('GIT_OBJECT_TREE_ENTRY', `tree: name ${shown}, expected one that can be checked out`, {
      details: { name: name === undefined ? null : escapeText(name) },
    });
  }
  return name;
}

function isTreeName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || UNSAFE.test(name)) return false;
  return !NTFS_GIT.test(name) && name.replaceAll(HFS_IGNORED, '').toLowerCase() !== '.git';
}

const UNSAFE = /[\p{Cc}\p{Cs}/\\]/u;
const NTFS_GIT = /^(?:\.git|git~1)[ .]*(?::.*)?$/i;
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;
