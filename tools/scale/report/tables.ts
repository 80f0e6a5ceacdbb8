import { LAYOUTS, type LayoutId } from '../measurements.ts';
import type { Book, CheckCell, WriteCell } from './book.ts';
import { formatBytes, formatCount, formatNumber, formatSize } from './format.ts';

export const TITLES: Readonly<Record<LayoutId, string>> = {
  flat: 'flat, length and hash',
  'flat-versions': 'flat, versions',
  'bins-1': 'TAP 15, best for 1',
  'bins-1000': 'TAP 15, best for 1,000',
  tap16: 'TAP 16, literal',
  trie: 'trie',
  tiles: 'ours',
};
export const DEPENDENCIES = [1, 10, 100, 1_000] as const;
const BATCHES = [1, 100, 1_000] as const;

/** Bytes, requests and rounds; a modelled cell in italics; the fewest bytes of a column in bold. */
export function checkTable(
  book: Book,
  size: number,
  publishes: 'cold' | readonly number[],
  dependencies: readonly number[],
): string {
  const columns =
    publishes === 'cold'
      ? dependencies.map(count => ({
          title: plural(count, 'dependency', 'dependencies'),
          dependencies: count,
          publishes: 0,
        }))
      : publishes.map(count => ({
          title: `${formatNumber(count)} publishes`,
          dependencies: dependencies[0] as number,
          publishes: count,
        }));
  const cells = LAYOUTS.map(layout =>
    columns.map(({ dependencies, publishes }) => book.check({ size, layout, dependencies, publishes })),
  );
  const best = columns.map((_, at) =>
    Math.min(...cells.map(row => row[at]?.bytes ?? Number.POSITIVE_INFINITY)),
  );
  const rows = LAYOUTS.map((layout, row) => [
    titleOf(book, size, layout),
    ...(cells[row] ?? []).map((cell, at) => formatCheck(cell, cell.bytes === best[at])),
  ]);
  return table(['', ...columns.map(({ title }) => title)], rows);
}

export function uniformTable(book: Book, sizes: readonly number[]): string {
  const rows = sizes.flatMap(size =>
    ([1, 1_000] as const).flatMap(dependencies =>
      (['popular', 'uniform'] as const).map(skew => [
        `${formatSize(size)}, ${plural(dependencies, 'dependency', 'dependencies')}, ${skew}`,
        ...[0, ...book.publishes].map(publishes =>
          formatCheck(book.check({ size, layout: 'tiles', dependencies, publishes, skew })),
        ),
      ]),
    ),
  );
  return table(['', 'first', ...book.publishes.map(count => `${formatNumber(count)} publishes`)], rows);
}

export function publishTable(book: Book): string {
  const rows = LAYOUTS.flatMap(layout => [
    [
      TITLES[layout],
      ...book.sizes.flatMap(size => [
        BATCHES.map(count => formatWrite(book.publish(size, layout, count))).join('<br>'),
      ]),
    ],
  ]);
  return table(['1, 100, 1,000 publishes in a snapshot', ...book.sizes.map(formatSize)], rows);
}

const SNAPSHOTS_A_DAY = 24 * 60;

export function storageTable(book: Book): string {
  const rows = LAYOUTS.map(layout => [
    TITLES[layout],
    ...book.sizes.map(size =>
      ([5, 500] as const)
        .map(count => {
          const { bytes, measured } = book.publish(size, layout, count);
          return italic(formatBytes(bytes * SNAPSHOTS_A_DAY), measured);
        })
        .join('<br>'),
    ),
  ]);
  return table(['5, 500 publishes a minute', ...book.sizes.map(formatSize)], rows);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
}

function formatCheck({ bytes, requests, rounds, measured }: CheckCell, isBest = false): string {
  const text = `${formatBytes(bytes)} / ${formatCount(requests)} / ${formatCount(rounds)}`;
  return italic(isBest ? `**${text}**` : text, measured);
}

function formatWrite({ bytes, files, measured }: WriteCell): string {
  return italic(`${formatBytes(bytes)} / ${formatCount(files)}`, measured);
}

export function italic(text: string, measured: boolean): string {
  return measured ? text : `*${text}*`;
}

function titleOf(book: Book, size: number, layout: LayoutId): string {
  const parameters = book.parameters(size, layout);
  return parameters === '' ? TITLES[layout] : `${TITLES[layout]} (${parameters})`;
}

export function plural(count: number, one: string, many: string): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
