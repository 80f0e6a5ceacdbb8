import { LAYOUTS } from '../measurements.ts';
import type { Book } from './book.ts';
import { formatBytes, formatNumber, formatSize } from './format.ts';
import { DEPENDENCIES, plural, TITLES } from './tables.ts';

/** A line for each number of dependencies and publishes in which another layout needs fewer bytes than ours: where, and how many. */
export function winnersList(book: Book): string {
  const lines = DEPENDENCIES.flatMap(dependencies =>
    [0, ...book.publishes].flatMap(publishes => {
      const won = book.sizes.flatMap(size => {
        const [best] = LAYOUTS.map(layout => ({
          layout,
          bytes: book.check({ size, layout, dependencies, publishes }).bytes,
        })).sort((left, right) => left.bytes - right.bytes);
        if (best === undefined || best.layout === 'tiles') return [];
        const ours = book.check({ size, layout: 'tiles', dependencies, publishes }).bytes;
        return [
          `${formatSize(size)}: ${TITLES[best.layout]}, ${formatBytes(best.bytes)} against ${formatBytes(ours)}`,
        ];
      });
      if (won.length === 0) return [];
      const when = publishes === 0 ? 'first check' : `after ${formatNumber(publishes)} publishes`;
      return [`* ${plural(dependencies, 'dependency', 'dependencies')}, ${when}. ${won.join('; ')}.`];
    }),
  );
  return lines.join('\n');
}
