import { type LayoutId, LAYOUTS } from '../measurements.ts';
import { modelledLatency } from '../model/latency.ts';
import type { Book } from './book.ts';
import { formatBytes, formatNumber, formatSize } from './format.ts';
import { formatPlot, type Plot, type Series } from './plot.ts';
import { TITLES } from './tables.ts';

/** File name to SVG. */
export function plotsOf(book: Book): ReadonlyMap<string, string> {
  const plots: readonly (readonly [name: string, plot: Plot])[] = [
    ['first-1', firstCheck(book, 1)],
    ['first-1000', firstCheck(book, 1_000)],
    ['later', later(book)],
    ['publish', publish(book)],
    ['latency', latency(book)],
  ];
  return new Map(plots.map(([name, plot]) => [`${name}.svg`, formatPlot(plot)]));
}

type Point = Series['points'][number];

function bySize(
  book: Book,
  pointOf: (layout: LayoutId, size: number) => Omit<Point, 'x'>,
): readonly Series[] {
  return LAYOUTS.map(layout => ({
    title: TITLES[layout],
    points: book.sizes.map(size => ({ x: size, ...pointOf(layout, size) })),
  }));
}

const BY_SIZE = { x: 'crates', formatX: formatSize } as const;

function firstCheck(book: Book, dependencies: number): Plot {
  return {
    ...BY_SIZE,
    title: `First check of ${formatNumber(dependencies)} ${dependencies === 1 ? 'dependency' : 'dependencies'}`,
    y: 'bytes',
    formatY: formatBytes,
    series: bySize(book, (layout, size) => {
      const { bytes, measured } = book.check({ size, layout, dependencies, publishes: 0 });
      return { y: bytes, measured };
    }),
  };
}

function later(book: Book): Plot {
  const size = book.sizes.findLast(each => book.isMeasured(each)) as number;
  return {
    title: `Check of 1,000 dependencies after publishes, ${formatSize(size)} crates`,
    x: 'publishes in between',
    y: 'bytes',
    formatX: formatNumber,
    formatY: formatBytes,
    series: LAYOUTS.map(layout => ({
      title: TITLES[layout],
      points: book.publishes.map(publishes => {
        const { bytes, measured } = book.check({ size, layout, dependencies: 1_000, publishes });
        return { x: publishes, y: bytes, measured };
      }),
    })),
  };
}

function publish(book: Book): Plot {
  return {
    ...BY_SIZE,
    title: 'What the registry writes for a snapshot with one publish',
    y: 'bytes',
    formatY: formatBytes,
    series: bySize(book, (layout, size) => {
      const { bytes, measured } = book.publish(size, layout, 1);
      return { y: bytes, measured };
    }),
  };
}

function latency(book: Book): Plot {
  return {
    ...BY_SIZE,
    title: 'First check of 1,000 dependencies, HTTP/2, 20 ms, 50 Mbit/s (from counted rounds and bytes)',
    y: 'milliseconds',
    formatY: formatNumber,
    series: bySize(book, (layout, size) => {
      const cell = book.check({ size, layout, dependencies: 1_000, publishes: 0 });
      return { y: modelledLatency(cell, 'HTTP/2', 20), measured: cell.measured };
    }),
  };
}
