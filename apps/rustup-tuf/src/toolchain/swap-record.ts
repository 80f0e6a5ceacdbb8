// A toolchain that is finished and about to take its place:
//
//   {"folder":"8f31c2…","format":1,"hash":"4fd6c08bd31780da2686","inode":"1310725"}

import { encodeCanonical, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';

export interface Swap {
  /** Of staging: its `toolchain` moves into place, and the old one becomes its `old`. */
  readonly folder: string;
  /** Of the finished toolchain's folder: tells whether it is in its place already. */
  readonly inode: string;
  /** What rustup keeps in update-hashes: the first 20 digits of the manifest's SHA-256. */
  readonly hash: string;
}

export function encodeSwap({ folder, inode, hash }: Swap): Uint8Array {
  return encodeCanonical(
    new Map<string, JsonValue>([
      ['format', 1],
      ['folder', folder],
      ['inode', inode],
      ['hash', hash],
    ]),
  );
}

/** Undefined for what another version wrote. */
export function decodeSwap(bytes: Uint8Array): Swap | undefined {
  const tree = parseJson(bytes);
  if (!isJsonObject(tree) || tree.get('format') !== 1) return undefined;
  const [folder, inode, hash] = [tree.get('folder'), tree.get('inode'), tree.get('hash')];
  if (typeof folder !== 'string' || !/^[0-9a-f]{16}$/.test(folder)) return undefined;
  if (typeof inode !== 'string' || typeof hash !== 'string') return undefined;
  return { folder, inode, hash };
}
