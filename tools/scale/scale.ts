// From the command line to the report.

import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import type { Layout } from './layouts/layout.ts';
import { openLayout } from './layouts/open.ts';
import type { TilesLayout } from './layouts/tiles.ts';
import { measureLatency } from './measure/latency.ts';
import { planOf } from './measure/plan.ts';
import { measureLayout } from './measure/scenarios.ts';
import { type Measurement, type Measurements, readMeasurements, writeMeasurements } from './measurements.ts';
import { HELP, parseOptions, type ScaleOptions } from './options.ts';
import { Progress } from './progress.ts';
import { writeReport } from './report/report.ts';

/** Latency is measured up to this many crates; it is a matter of rounds, which are counted at every size. */
const MOST_FOR_LATENCY = 250_000;

/** Gives the exit code. */
export async function runScale(args: readonly string[]): Promise<number> {
  let options: ScaleOptions | undefined;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`scale: ${(error as Error).message}`);
    return 2;
  }
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  await measureAll(options);
  const measurements = await readMeasurements(measurementsFile(options));
  if (measurements === undefined) {
    console.error(`scale: ${measurementsFile(options)} is not there; measure first, without --render`);
    return 2;
  }
  await writeReport(measurements, options.model, options.out);
  console.log(options.out);
  return 0;
}

function measurementsFile({ out }: ScaleOptions): string {
  return `${dirname(out)}/scale/measurements.json`;
}

async function measureAll(options: ScaleOptions): Promise<void> {
  const { sizes, layouts, seed } = options;
  const file = measurementsFile(options);
  await mkdir(dirname(file), { recursive: true });
  const progress = new Progress();
  for (const size of sizes)
    for (const id of layouts) {
      const start = performance.now();
      const show = (step: string): void => progress.show(`${size} crates, ${id}: ${step}`);
      const open = (): Promise<Layout> => openLayout(id, size, seed);
      const rows: Measurement[] = await measureLayout(id, open, planOf(id), show);
      if (id === 'tiles' && size <= MOST_FOR_LATENCY)
        rows.push(...(await measureLatency((await open()) as TilesLayout, [1, 1_000], show)));
      const seconds = Math.round((performance.now() - start) / 1000);
      const known = await readMeasurements(file);
      await writeMeasurements(file, merged(known, rows, seed, `${size} ${id}`, seconds));
    }
  progress.end();
}

/** The measurements with `rows` in the place of those of their size and layout. */
function merged(
  known: Measurements | undefined,
  rows: readonly Measurement[],
  seed: number,
  run: string,
  seconds: number,
): Measurements {
  const others = known?.rows.filter(({ size, layout }) => `${size} ${layout}` !== run) ?? [];
  return {
    machine: `${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.versions.node}`,
    seed,
    seconds: { ...known?.seconds, [run]: seconds },
    rows: [...others, ...rows].sort(
      (left, right) =>
        left.size - right.size || (left.layout < right.layout ? -1 : left.layout > right.layout ? 1 : 0),
    ),
  };
}
