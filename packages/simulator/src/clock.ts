/** A clock that moves only when it is told to. Milliseconds since 1970. */
export class SimulatedClock {
  #now: number;

  constructor(start: number = Date.UTC(2030, 0, 1)) {
    this.#now = start;
  }

  readonly now: () => number = () => this.#now;

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

export const HOUR: number = 60 * 60 * 1000;
export const DAY: number = 24 * HOUR;
