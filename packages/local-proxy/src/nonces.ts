import { randomBytes } from 'node:crypto';

/** Many: whoever can connect can ask for nonces, and must not push out those of this user. */
const KEPT = 4096;

/** Nonces of the proxy for callers that prove that they know the secret: each is good once, and for a short time. */
export class Nonces {
  readonly #clock: () => number;
  readonly #lifetime: number;
  /** Nonce to when it was issued; oldest first. */
  readonly #issued: Map<string, number> = new Map();

  constructor(clock: () => number, lifetime: number) {
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  issue(): string {
    for (const [nonce, time] of this.#issued) {
      if (this.#issued.size < KEPT && this.#isFresh(time)) break;
      this.#issued.delete(nonce);
    }
    const nonce = randomBytes(32).toString('hex');
    this.#issued.set(nonce, this.#clock());
    return nonce;
  }

  /** True if the nonce is one of ours, is fresh, and was not used; it is used up by asking. */
  use(nonce: string): boolean {
    const time = this.#issued.get(nonce);
    this.#issued.delete(nonce);
    return time !== undefined && this.#isFresh(time);
  }

  #isFresh(time: number): boolean {
    const age = this.#clock() - time;
    return age >= 0 && age <= this.#lifetime;
  }
}
