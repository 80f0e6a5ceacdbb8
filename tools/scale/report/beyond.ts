// What could do better than tiles: computed from the same trees, each with what it brings and costs.

import { readFileSync } from 'node:fs';
import { cutFor } from '@cargo-tuf/merkle-snapshot';
import { modelKey, modelKeys } from '../model/keys.ts';
import { multiproofBytes } from '../model/multiproof.ts';
import { sampleOf } from '../model/open.ts';
import { TileTree } from '../model/tile-tree.ts';
import { drawDependencies } from '../population/draws.ts';
import type { Book } from './book.ts';
import { formatBytes, formatCount, formatSize } from './format.ts';
import { DEPENDENCIES, italic, table } from './tables.ts';

/** One proof for all dependencies of a first check, cut by a server, with the timestamp beside it. */
export function multiproofTable(book: Book): string {
  const { seed } = book.measurements;
  const rows = book.sizes.map(size => {
    const keys = modelKeys(seed, size);
    const { recordBytes } = sampleOf(size, seed);
    const proofs = DEPENDENCIES.map(count => {
      const wanted = drawDependencies(size, count, 0).map(crate => modelKey(seed, crate));
      const ours = book.check({ size, layout: 'tiles', dependencies: count, publishes: 0 });
      const frame = ours.bytes - tileBytes(book, size, count);
      return `${italic(formatBytes(frame + multiproofBytes(keys, wanted, recordBytes)), false)}, ours ${formatBytes(ours.bytes)}`;
    });
    return [formatSize(size), ...proofs];
  });
  return table(['crates', ...DEPENDENCIES.map(count => formatCount(count))], rows);
}

/** Bytes of tiles of a first check. */
function tileBytes(book: Book, size: number, dependencies: number): number {
  const query = { size, layout: 'tiles', dependencies, publishes: 0 } as const;
  const measured = book.measuredCheck(query);
  if (measured !== undefined) return measured.classes['tile']?.bytes ?? 0;
  return book.modelledCheck(query).bytes - book.frames.cold.bytes;
}

/** The root's tile and all below it in one file. */
export function packingTable(book: Book): string {
  const { seed } = book.measurements;
  const rows = book.sizes.map(size => {
    const top = new TileTree(modelKeys(seed, size), cutFor(size), sampleOf(size, seed).recordBytes).top();
    const bytes = top.reduce((sum, tile) => sum + tile.bytes, 0);
    const root = top[0]?.bytes ?? 0;
    const mean = (bytes - root) / (top.length - 1);
    const hit = (count: number): number =>
      (top.length - 1) * -Math.expm1(count * Math.log1p(-1 / (top.length - 1)));
    const cost = (count: number): string => formatBytes(bytes - root - hit(count) * mean);
    return [
      formatSize(size),
      `${formatBytes(bytes)}, ${formatCount(top.length)} tiles`,
      `+${cost(1)}, −1 request, −1 round`,
      `+${cost(1_000)}, −${formatCount(Math.round(hit(1_000)))} requests, −1 round`,
      formatBytes(bytes),
    ];
  });
  return table(
    ['crates', 'the pack', '1 dependency', '1,000 dependencies', 'written for each snapshot'],
    rows,
  );
}

/** Crates of a real project, and how many groups they are by the text before the first `-` or `_`. */
export function groupsOfRealProject(): { readonly crates: number; readonly groups: number } {
  const names = readFileSync('tools/fixtures/debian-crates.txt', 'utf8')
    .split('\n')
    .flatMap(line => /^librust-(.+)-dev$/.exec(line)?.[1] ?? []);
  return { crates: names.length, groups: new Set(names.map(name => name.split(/[-_]/)[0])).size };
}
