// Which verified state the requests of a run see.
//
//  1. A run begins with a hold, or with the first request after a pause; it pins states of its own.
//  2. While a run lives, every request sees those states: cargo resolves against one index, not against a moving one.
//  3. A run lives while it is held, while a request is being answered, and for a short pause after that.
//  4. Two runs at once share their states. A state is used for six hours at most.
//  5. Work on a pin is shared by all who wait for it, however long it takes.
//  6. A pin that failed is tried again for the next request, at most once a second, and not before somebody was told why.

import type { ProxyLimits } from './limits.ts';

/** What can be pinned: a registry, or the releases. */
export interface Pinnable<State> {
  readonly slug: string;
  pin(): Promise<State>;
}

/** One attempt to pin something, and what came of it. */
export interface Pin<State = unknown> {
  readonly since: number;
  readonly state: Promise<State>;
  /** `working` until `state` is settled. */
  outcome: 'working' | 'pinned' | 'failed';
  /** When it failed. */
  end: number;
  /** Somebody got an answer that comes of it. */
  told: boolean;
}

export class Pins {
  readonly #clock: () => number;
  readonly #limits: ProxyLimits;
  readonly #pins: Map<string, Pin> = new Map();
  #holds = 0;
  #requests = 0;
  #lastRequest = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number, limits: ProxyLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Keeps the run alive until the result is called. */
  hold(): () => void {
    this.#beginRun(this.#clock());
    this.#holds += 1;
    return this.#once(() => {
      this.#holds -= 1;
    });
  }

  /** A request is being answered until the result is called. */
  begin(): () => void {
    this.#beginRun(this.#clock());
    this.#requests += 1;
    return this.#once(() => {
      this.#requests -= 1;
    });
  }

  get holds(): number {
    return this.#holds;
  }

  /** When each was pinned, by slug. */
  get since(): ReadonlyMap<string, number> {
    const pinned = [...this.#pins].filter(([, pin]) => pin.outcome === 'pinned');
    return new Map(pinned.map(([slug, pin]) => [slug, pin.since]));
  }

  /** The pin for a request of the run that lives. One slug names one thing. */
  pin<State>(source: Pinnable<State>): Pin<State> {
    const now = this.#clock();
    const present = this.#pins.get(source.slug) as Pin<State> | undefined;
    if (present !== undefined && this.#isUsable(present, now)) return present;
    const pin: Pin<State> = {
      since: now,
      state: Promise.resolve().then(() => source.pin()),
      outcome: 'working',
      end: now,
      told: false,
    };
    pin.state.then(
      () => this.#settle(pin, 'pinned'),
      () => this.#settle(pin, 'failed'),
    );
    this.#pins.set(source.slug, pin);
    return pin;
  }

  #settle(pin: Pin, outcome: Pin['outcome']): void {
    pin.outcome = outcome;
    pin.end = this.#clock();
    // The run goes on from when its state is there: a slow mirror is no pause of cargo's.
    this.#lastRequest = pin.end;
  }

  /** What a run that ended had pinned is not the state of the one that begins. */
  #beginRun(now: number): void {
    const alive =
      this.#holds > 0 || this.#requests > 0 || elapsed(this.#lastRequest, now) <= this.#limits.runPause;
    this.#lastRequest = now;
    if (alive) return;
    for (const [slug, pin] of this.#pins) if (pin.outcome === 'pinned') this.#pins.delete(slug);
  }

  #once(end: () => void): () => void {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#lastRequest = this.#clock();
      end();
    };
  }

  #isUsable(pin: Pin, now: number): boolean {
    if (pin.outcome === 'working') return true;
    if (pin.outcome === 'pinned') return elapsed(pin.since, now) <= this.#limits.pin;
    return elapsed(pin.end, now) < (pin.told ? this.#limits.retryPin : this.#limits.kept);
  }
}

/** A clock that was set back has not stopped: the distance counts, in either direction. */
function elapsed(from: number, to: number): number {
  return Math.abs(to - from);
}
