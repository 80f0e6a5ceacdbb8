import { encodeHex } from '@cargo-tuf/keys';

/** Where a repository keeps the tile of this hash (docs/pouf.md, section 1): "map/ab/abcd….tile". */
export function tilePath(hash: Uint8Array): string {
  const name = encodeHex(hash);
  return `map/${name.slice(0, 2)}/${name}.tile`;
}

/** Where a publisher keeps the counts of an inner tile (docs/pouf.md, section 5.1): "map/ab/abcd….counts". */
export function countsPath(hash: Uint8Array): string {
  return tilePath(hash).replace(/tile$/, 'counts');
}

/** Where a repository keeps the changes whose bytes have this SHA-256 (docs/pouf.md, section 5.2): "map/ab/abcd….changes". */
export function changesPath(hash: Uint8Array): string {
  return tilePath(hash).replace(/tile$/, 'changes');
}
