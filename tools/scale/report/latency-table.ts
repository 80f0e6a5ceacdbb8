import { LAYOUTS, type LatencyMeasurement } from '../measurements.ts';
import { modelledLatency, type Protocol } from '../model/latency.ts';
import type { Book } from './book.ts';
import { formatNumber, formatSize } from './format.ts';
import { plural, table, TITLES } from './tables.ts';

const PROTOCOLS: readonly Protocol[] = ['HTTP/1.1', 'HTTP/2'];
const TRIPS = [20, 100] as const;

/** What was measured on loopback, whose line is as fast as one likes, and what the model says of the same. */
export function measuredLatencyTable(book: Book): string {
  const rows = book.measurements.rows
    .filter((row): row is LatencyMeasurement => row.scenario === 'latency')
    .map(({ size, check, dependencies, protocol, roundTrip, milliseconds }) => {
      const publishes = check === 'cold' ? 0 : 100;
      const cell = book.check({ size, layout: 'tiles', dependencies, publishes });
      const modelled = modelledLatency(cell, protocol, roundTrip, Number.POSITIVE_INFINITY);
      return [
        formatSize(size),
        `${check === 'cold' ? 'first' : 'after 100 publishes'}, ${plural(dependencies, 'dependency', 'dependencies')}`,
        `${protocol}, ${roundTrip} ms`,
        `${formatNumber(milliseconds)} ms`,
        `${formatNumber(modelled)} ms`,
      ];
    });
  return table(['crates', 'check', '', 'measured', 'round trips alone'], rows);
}

/** Every layout, modelled with a line of 50 Mbit/s. */
export function modelledLatencyTable(book: Book, dependencies: number, publishes: number): string {
  const rows = LAYOUTS.map(layout => [
    TITLES[layout],
    ...book.sizes.map(size => {
      const cell = book.check({ size, layout, dependencies, publishes });
      return PROTOCOLS.map(protocol =>
        TRIPS.map(trip => formatNumber(modelledLatency(cell, protocol, trip))).join(' / '),
      ).join('<br>');
    }),
  ]);
  return table(['ms at 20 / 100 ms; HTTP/1.1, then HTTP/2', ...book.sizes.map(formatSize)], rows);
}
