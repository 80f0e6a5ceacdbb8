// How far the model is from what was measured.

import { LAYOUTS, type LayoutId } from '../measurements.ts';
import type { Book } from './book.ts';
import { formatSize } from './format.ts';
import { DEPENDENCIES, table, TITLES } from './tables.ts';

/** Of bytes and of requests: modelled over measured, less 1. */
export interface Deviation {
  readonly layout: LayoutId;
  readonly size: number;
  readonly cells: number;
  readonly bytes: { readonly median: number; readonly most: number };
  readonly requests: { readonly median: number; readonly most: number };
}

export function deviationsOf(book: Book, layout: LayoutId, size: number): Deviation | undefined {
  const [bytes, requests]: [number[], number[]] = [[], []];
  for (const dependencies of DEPENDENCIES)
    for (const publishes of [0, ...book.publishes]) {
      const measured = book.measuredCheck({ size, layout, dependencies, publishes });
      if (measured === undefined) continue;
      const modelled = book.modelledCheck({ size, layout, dependencies, publishes });
      bytes.push(modelled.bytes / measured.bytes - 1);
      requests.push(modelled.requests / measured.requests - 1);
    }
  if (bytes.length === 0) return undefined;
  return { layout, size, cells: bytes.length, bytes: spreadOf(bytes), requests: spreadOf(requests) };
}

export function deviationsTable(book: Book): string {
  const rows = book.sizes
    .filter(size => book.isMeasured(size))
    .flatMap(size => LAYOUTS.flatMap(layout => deviationsOf(book, layout, size) ?? []))
    .map(({ layout, size, cells, bytes, requests }) => [
      formatSize(size),
      TITLES[layout],
      String(cells),
      `${percent(bytes.median)}, ${percent(bytes.most)}`,
      `${percent(requests.median)}, ${percent(requests.most)}`,
    ]);
  return table(['crates', 'layout', 'cells', 'bytes: median, most', 'requests: median, most'], rows);
}

function spreadOf(deviations: readonly number[]): { readonly median: number; readonly most: number } {
  const sorted = [...deviations].sort((left, right) => Math.abs(left) - Math.abs(right));
  return { median: sorted[sorted.length >> 1] as number, most: sorted.at(-1) as number };
}

function percent(deviation: number): string {
  return `${deviation < 0 ? '−' : '+'}${(100 * Math.abs(deviation)).toFixed(1)} %`;
}
