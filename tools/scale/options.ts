// The command line of `npm run scale`.

import { LAYOUTS, type LayoutId } from './measurements.ts';

export const HELP = `npm run scale -- [options]

Builds registries of made-up crates in five layouts, runs clients against them over HTTP on loopback, keeps what was counted
and writes a report with tables and plots.

  --sizes N,…       crates of the registries to measure; default 250000
  --layouts ID,…    of ${LAYOUTS.join(', ')}; default: all
  --model N,…       crates for which the model alone speaks; default 50000000,100000000
  --seed N          of the names, entries, lock files and publishes; default 1
  --out FILE        the report; default docs/scale-report.md. Measurements and plots go to the folder "scale" beside it
  --render          measure nothing, write the report from the measurements that are there
  --help            this text

What is measured replaces the measurements of the same size and layout, and leaves the others.
`;

export interface ScaleOptions {
  readonly sizes: readonly number[];
  readonly layouts: readonly LayoutId[];
  readonly model: readonly number[];
  readonly seed: number;
  readonly out: string;
}

/** Undefined: the help was asked for. Throws an error whose message is for the user. */
export function parseOptions(args: readonly string[]): ScaleOptions | undefined {
  const options = {
    sizes: [250_000],
    layouts: [...LAYOUTS] as LayoutId[],
    model: [50_000_000, 100_000_000],
    seed: 1,
    out: 'docs/scale-report.md',
  };
  let render = false;
  const words = args.flatMap(arg =>
    /^--\w+=/.test(arg) ? [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] : [arg],
  );
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--help') return undefined;
    if (word === '--render') {
      render = true;
      continue;
    }
    const value = words.shift();
    if (value === undefined || value.startsWith('--')) throw new Error(`${word}: no value, see --help`);
    if (word === '--sizes') options.sizes = numbersOf(word, value);
    else if (word === '--model') options.model = numbersOf(word, value);
    else if (word === '--seed') options.seed = numbersOf(word, value)[0] as number;
    else if (word === '--layouts') options.layouts = value.split(',').map(layoutOf);
    else if (word === '--out') options.out = value;
    else throw new Error(`${word}: unknown, see --help`);
  }
  return { ...options, sizes: render ? [] : options.sizes };
}

function numbersOf(word: string, value: string): number[] {
  return value.split(',').map(text => {
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw new Error(`${word}: ${JSON.stringify(text)}, expected a whole number from 1 to 999999999`);
  });
}

function layoutOf(text: string): LayoutId {
  const id = LAYOUTS.find(each => each === text);
  if (id === undefined)
    throw new Error(`--layouts: ${JSON.stringify(text)}, expected some of ${LAYOUTS.join(', ')}`);
  return id;
}
