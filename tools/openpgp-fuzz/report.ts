// What came of a run, counted while it goes on.

import { FAMILY_NAMES } from './generate.ts';

export class Report {
  /** Sentences, each with the seed and the number that make the input again. */
  readonly problems: string[] = [];
  readonly crashes: string[] = [];
  /** By family: inputs, different ones, accepted by ours. */
  readonly families: ReadonlyMap<string, { inputs: number; distinct: number; accepted: number }> = new Map(
    FAMILY_NAMES.map(name => [name, { inputs: 0, distinct: 0, accepted: 0 }]),
  );
  /** By code of ours. */
  readonly codes: Counter = new Counter();
  /** By reason. */
  readonly differences: Counter = new Counter();
  /** Refused by ours and shown to the oracles; how many of them each accepts. */
  readonly refused: Counter = new Counter();
  /** The longest that ours took for one input, in milliseconds. */
  slowest = 0;

  get accepted(): number {
    return Array.from(this.families.values()).reduce((sum, { accepted }) => sum + accepted, 0);
  }

  format(): string {
    const rows = Array.from(this.families, ([name, { inputs, distinct, accepted }]) =>
      [name.padEnd(26), ...[inputs, distinct, accepted].map(each => String(each).padStart(9))].join(' '),
    );
    return [
      'family                        inputs  distinct  accepted',
      ...rows,
      `refused by ours: ${this.codes.format()}`,
      `of those, shown to the oracles: ${this.refused.format()}`,
      `differences that are allowed: ${this.differences.format()}`,
      `${this.problems.length} problems, ${this.crashes.length} crashes, slowest ${this.slowest.toFixed(0)} ms`,
    ].join('\n');
  }
}

class Counter {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  format(): string {
    const sorted = [...this.#counts].toSorted(([, a], [, b]) => b - a);
    return sorted.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
  }
}
