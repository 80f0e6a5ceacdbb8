// One place that knows what a table asks for: what was measured, and what the model says where nothing was.

import { bestBinBits, trieShape } from '../layouts/parameters.ts';
import type {
  CheckMeasurement,
  LayoutId,
  Measurement,
  Measurements,
  PublishMeasurement,
} from '../measurements.ts';
import type { LayoutModel } from '../model/model.ts';
import { openModels } from '../model/open.ts';
import { framesOf, type TilesFrames } from '../model/tiles-model.ts';
import { drawDependencies, drawPublishes, type Skew } from '../population/draws.ts';

export interface CheckQuery {
  readonly size: number;
  readonly layout: LayoutId;
  readonly dependencies: number;
  /** None: a first check. */
  readonly publishes: number;
  readonly skew?: Skew;
}

export interface CheckCell {
  readonly bytes: number;
  readonly requests: number;
  readonly rounds: number;
  readonly perRound: readonly number[];
  readonly measured: boolean;
}

export interface WriteCell {
  readonly bytes: number;
  readonly files: number;
  readonly measured: boolean;
}

/** Lock files over which the model takes its mean, by number of dependencies. */
const DRAWS = (dependencies: number): number => (dependencies < 100 ? 20 : 3);

export class Book {
  readonly measurements: Measurements;
  /** Of registries that were measured, ascending, and then of those that were not. */
  readonly sizes: readonly number[];
  /** Numbers of publishes between two checks, ascending. */
  readonly publishes: readonly number[];
  /** Everything but tiles of our layout. */
  readonly frames: TilesFrames;
  readonly #models = new Map<number, (id: LayoutId) => LayoutModel>();

  constructor(measurements: Measurements, modelled: readonly number[]) {
    this.measurements = measurements;
    this.frames = framesOf(measurements);
    this.publishes = [...this.frames.warm.keys()].sort((left, right) => left - right);
    const measured = new Set(measurements.rows.map(({ size }) => size));
    this.sizes = [...new Set([...measured, ...modelled])].sort((left, right) => left - right);
  }

  isMeasured(size: number): boolean {
    return this.measurements.rows.some(row => row.size === size);
  }

  check(query: CheckQuery): CheckCell {
    const found = this.measuredCheck(query);
    return found === undefined ? this.modelledCheck(query) : { ...found, measured: true };
  }

  measuredCheck({
    size,
    layout,
    dependencies,
    publishes,
    skew = 'popular',
  }: CheckQuery): CheckMeasurement | undefined {
    return this.#find(
      (row): row is CheckMeasurement =>
        (row.scenario === 'cold' || row.scenario === 'warm') &&
        row.size === size &&
        row.layout === layout &&
        row.skew === skew &&
        row.dependencies === dependencies &&
        row.publishes === publishes,
    );
  }

  modelledCheck({ size, layout, dependencies, publishes, skew = 'popular' }: CheckQuery): CheckCell {
    const model = this.#model(size)(layout);
    const changed = publishes === 0 ? [] : drawPublishes(size, publishes, publishes, skew);
    const draws = Array.from({ length: DRAWS(dependencies) }, (_, draw) => {
      const crates = drawDependencies(size, dependencies, draw, skew);
      return publishes === 0 ? model.cold(crates) : model.warm(crates, changed);
    });
    const mean = (of: (each: (typeof draws)[number]) => number): number =>
      draws.reduce((sum, each) => sum + of(each), 0) / draws.length;
    const rounds = Math.max(...draws.map(({ perRound }) => perRound.length));
    return {
      bytes: mean(({ bytes }) => bytes),
      requests: mean(({ perRound }) => perRound.reduce((sum, requests) => sum + requests, 0)),
      rounds: mean(({ perRound }) => perRound.length),
      perRound: Array.from({ length: rounds }, (_, at) => mean(({ perRound }) => perRound[at] ?? 0)),
      measured: false,
    };
  }

  publish(size: number, layout: LayoutId, publishes: number): WriteCell {
    const found = this.#find(
      (row): row is PublishMeasurement =>
        row.scenario === 'publish' &&
        row.size === size &&
        row.layout === layout &&
        row.publishes === publishes,
    );
    return found === undefined ? this.modelledPublish(size, layout, publishes) : { ...found, measured: true };
  }

  modelledPublish(size: number, layout: LayoutId, publishes: number): WriteCell {
    const crates = drawPublishes(size, publishes, 1_000 * publishes);
    return { ...this.#model(size)(layout).publish(crates), measured: false };
  }

  /** "2^11 bins" */
  parameters(size: number, layout: LayoutId): string {
    if (layout === 'bins-1') return `2^${bestBinBits(size, 1)} bins`;
    if (layout === 'bins-1000') return `2^${bestBinBits(size, 1_000)} bins`;
    if (layout !== 'trie') return '';
    const { depth, breadth } = trieShape(size);
    return `depth ${depth}, breadth ${breadth}`;
  }

  #find<Row extends Measurement>(isWanted: (row: Measurement) => row is Row): Row | undefined {
    return this.measurements.rows.find(isWanted);
  }

  #model(size: number): (id: LayoutId) => LayoutModel {
    const open = this.#models.get(size) ?? openModels(size, this.measurements.seed, this.frames);
    this.#models.set(size, open);
    return open;
  }
}
