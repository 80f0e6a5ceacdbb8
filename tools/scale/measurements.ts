// What was measured, as it is kept in docs/scale/measurements.json and read by the report.

import { readFile, writeFile } from 'node:fs/promises';
import type { Count } from './transport/tally.ts';
import type { Skew } from './population/draws.ts';

export const LAYOUTS = ['flat', 'flat-versions', 'bins-1', 'bins-1000', 'tap16', 'trie', 'tiles'] as const;
export type LayoutId = (typeof LAYOUTS)[number];

/** Numbers are means over the draws. */
export interface Exchange {
  readonly draws: number;
  /** Bodies of the snapshot layer, as sent. */
  readonly bytes: number;
  readonly requests: number;
  readonly rounds: number;
  /** Requests of each round. */
  readonly perRound: readonly number[];
  /** How many of them are for tiles. */
  readonly tilesPerRound: readonly number[];
  readonly classes: Readonly<Record<string, Count>>;
}

interface About {
  /** Crates. */
  readonly size: number;
  readonly layout: LayoutId;
  readonly parameters: string;
}

/** A check by a client that has nothing (`cold`), or was up to date `publishes` before (`warm`). */
export interface CheckMeasurement extends About, Exchange {
  readonly scenario: 'cold' | 'warm';
  readonly skew: Skew;
  readonly dependencies: number;
  readonly publishes: number;
  /** Snapshots that the publishes came in. */
  readonly snapshots: number;
}

/** What the registry writes for one snapshot of `publishes`. */
export interface PublishMeasurement extends About {
  readonly scenario: 'publish';
  readonly publishes: number;
  readonly draws: number;
  readonly bytes: number;
  readonly files: number;
  readonly classes: Readonly<Record<string, Count>>;
}

/** How long our client takes. */
export interface LatencyMeasurement extends About {
  readonly scenario: 'latency';
  readonly check: 'cold' | 'warm';
  readonly dependencies: number;
  readonly protocol: 'HTTP/1.1' | 'HTTP/2';
  /** Milliseconds from a request to its answer. */
  readonly roundTrip: number;
  readonly milliseconds: number;
}

export type Measurement = CheckMeasurement | PublishMeasurement | LatencyMeasurement;

export interface Measurements {
  readonly machine: string;
  readonly seed: number;
  /** By size: seconds that the run took. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly rows: readonly Measurement[];
}

export async function readMeasurements(path: string): Promise<Measurements | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Measurements;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** One row a line, so that a change of a few numbers is a change of a few lines. */
export async function writeMeasurements(path: string, { rows, ...rest }: Measurements): Promise<void> {
  const head = JSON.stringify(rest, undefined, 2).replace(/\n}$/, '');
  const lines = rows.map(row => `    ${JSON.stringify(row, (_, value) => rounded(value))}`);
  await writeFile(path, `${head},\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`);
}

/** Two digits behind the point. */
function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}
