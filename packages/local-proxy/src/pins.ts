// Which verified state the requests of a run see.
//
//  1. A run begins with `config.json`, or with the first request after a pause, and pins a state.
//  2. While a run lives, every request sees that state: cargo resolves against one index, not against a moving one.
//  3. A run lives while another process holds it, or as long as its requests have no long pause between them.
//  4. Two runs at once share a state. A state is used for six hours at most.
//  5. A pin that failed is not kept; it is tried again at most once a second.

import type { ProxyLimits } from './limits.ts';
import type { PinnedRegistry, ProxyRegistry } from './registry.ts';

interface Pin {
  readonly since: number;
  readonly state: Promise<PinnedRegistry>;
  failed: boolean;
}

export class Pins {
  readonly #clock: () => number;
  readonly #limits: ProxyLimits;
  readonly #pins: Map<string, Pin> = new Map();
  #holds = 0;
  #lastRequest = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number, limits: ProxyLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Keeps the run alive until the result is called. */
  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (held) this.#holds -= 1;
      held = false;
    };
  }

  get holds(): number {
    return this.#holds;
  }

  /** When each registry was pinned, by slug. */
  get since(): ReadonlyMap<string, number> {
    return new Map([...this.#pins].map(([slug, pin]) => [slug, pin.since]));
  }

  /** The state for a request. `begins`: the request can be the first of a run. */
  async state(registry: ProxyRegistry, begins: boolean): Promise<PinnedRegistry> {
    const now = this.#clock();
    const alive = this.#holds > 0 || now - this.#lastRequest <= this.#limits.runPause;
    this.#lastRequest = now;
    const pin = this.#pins.get(registry.slug);
    if (pin !== undefined && this.#isUsable(pin, now, alive || !begins)) return pin.state;
    const next: Pin = { since: now, state: registry.pin(), failed: false };
    this.#pins.set(registry.slug, next);
    try {
      return await next.state;
    } catch (error) {
      next.failed = true;
      throw error;
    } finally {
      // The run goes on from when its state is there: a slow mirror is no pause of cargo's.
      this.#lastRequest = this.#clock();
    }
  }

  #isUsable(pin: Pin, now: number, goesOn: boolean): boolean {
    const age = now - pin.since;
    if (pin.failed) return age < this.#limits.retryPin;
    return goesOn && age <= this.#limits.pin;
  }
}
