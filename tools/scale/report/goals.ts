// The goals that were set for our layout, and whether they are met.

import type { Book, CheckQuery } from './book.ts';
import { formatCount, formatSize, formatBytes, formatNumber } from './format.ts';
import { italic, plural, table } from './tables.ts';

interface Goal {
  readonly size: number;
  readonly dependencies: number;
  readonly publishes: number;
  readonly bytes: number;
  readonly requests: number;
  readonly rounds?: number;
}

const FIRST: readonly Goal[] = [
  { size: 250_000, dependencies: 1, publishes: 0, bytes: 10_000, requests: 7, rounds: 4 },
  { size: 250_000, dependencies: 1_000, publishes: 0, bytes: 1_600_000, requests: 1_100, rounds: 5 },
  { size: 10_000_000, dependencies: 1, publishes: 0, bytes: 11_000, requests: 8 },
  { size: 10_000_000, dependencies: 1_000, publishes: 0, bytes: 3_800_000, requests: 2_000, rounds: 6 },
  { size: 50_000_000, dependencies: 1, publishes: 0, bytes: 8_000, requests: 9 },
  { size: 50_000_000, dependencies: 1_000, publishes: 0, bytes: 3_300_000, requests: 2_900 },
];
const LATER = { dependencies: 1_000, publishes: 100, bytes: 6_000, requests: 8 } as const;

export function goalsTable(book: Book): string {
  const goals = [...FIRST, ...book.sizes.map((size): Goal => ({ size, ...LATER }))];
  const rows = goals
    .filter(({ size }) => book.sizes.includes(size))
    .flatMap(goal =>
      (goal.publishes === 0 ? (['popular'] as const) : (['uniform', 'popular'] as const)).map(skew =>
        rowOf(book, goal, skew),
      ),
    );
  return table(['crates', 'check', 'goal', 'is', ''], rows);
}

function rowOf(book: Book, goal: Goal, skew: NonNullable<CheckQuery['skew']>): string[] {
  const { size, dependencies, publishes } = goal;
  const cell = book.check({ size, layout: 'tiles', dependencies, publishes, skew });
  const parts = [
    ['bytes', goal.bytes, cell.bytes, formatBytes],
    ['requests', goal.requests, cell.requests, formatCount],
    ...(goal.rounds === undefined ? [] : [['rounds', goal.rounds, cell.rounds, formatCount] as const]),
  ] as const;
  const missed = parts.filter(([, wanted, found]) => found > wanted).map(([name]) => name);
  return [
    formatSize(size),
    publishes === 0
      ? `first, ${plural(dependencies, 'dependency', 'dependencies')}`
      : `${formatNumber(dependencies)} dependencies, ${formatNumber(publishes)} ${skew} publishes later`,
    parts.map(([, wanted, , format]) => format(wanted)).join(' / '),
    italic(parts.map(([, , found, format]) => format(found)).join(' / '), cell.measured),
    missed.length === 0 ? 'met' : `not met: ${missed.join(', ')}`,
  ];
}
