// Which mirror is asked, in which order. The order given is kept, but a mirror that failed is asked last for a
// while, and one whose file did not verify is not asked for that file again.

import { parseMirror } from './addresses.ts';
import type { Clock } from './clock.ts';
import { fail } from './errors.ts';

export interface Mirror {
  readonly url: URL;
}

interface PathMemory {
  /** Those that gave bytes of the file as it was last fetched, the first one first. */
  readonly served: Set<Mirror>;
  readonly rejected: Set<Mirror>;
}

// Paths that are remembered, oldest first out.
const PATHS = 4096;

export class Mirrors {
  readonly #mirrors: readonly Mirror[];
  readonly #rememberMs: number;
  readonly #clock: Clock;
  readonly #failedAt = new Map<Mirror, number>();
  readonly #paths = new Map<string, PathMemory>();

  constructor(addresses: readonly string[], rememberMs: number, clock: Clock) {
    this.#mirrors = addresses.map(address => ({ url: parseMirror(address) }));
    this.#rememberMs = rememberMs;
    this.#clock = clock;
  }

  /** Throws `HTTP_ADDRESS` where there are none: an empty list would answer that no file is there. */
  orderFor(path: string): readonly Mirror[] {
    if (this.#mirrors.length === 0) throw fail('HTTP_ADDRESS', 'mirrors: none, expected at least one');
    const rejected = this.#paths.get(path)?.rejected;
    return this.#mirrors
      .filter(mirror => rejected?.has(mirror) !== true)
      .toSorted((one, other) => Number(this.#failedLately(one)) - Number(this.#failedLately(other)));
  }

  /** `continued`: what the mirror gives comes after bytes that another one gave. */
  served(path: string, mirror: Mirror, continued = false): void {
    this.#failedAt.delete(mirror);
    const memory = this.#paths.get(path) ?? { served: new Set(), rejected: new Set() };
    if (!continued) memory.served.clear();
    memory.served.add(mirror);
    this.#paths.delete(path);
    this.#paths.set(path, memory);
    if (this.#paths.size <= PATHS) return;
    const [oldest] = this.#paths.keys();
    if (oldest !== undefined) this.#paths.delete(oldest);
  }

  /** The mirror that answers for the file as it was last fetched. */
  servedBy(path: string): Mirror | undefined {
    const [first] = this.#paths.get(path)?.served ?? [];
    return first;
  }

  failed(mirror: Mirror): void {
    this.#failedAt.set(mirror, this.#clock.now());
  }

  /**
   * False when no mirror is left for the path; the next call begins with all of them again. Of a file that came from several
   * mirrors the first is rejected: it could break off on purpose, so that another gets the blame.
   */
  reject(path: string): boolean {
    const memory = this.#paths.get(path);
    const first = this.servedBy(path);
    if (memory === undefined || first === undefined) return false;
    memory.rejected.add(first);
    this.failed(first);
    if (memory.rejected.size < this.#mirrors.length) return true;
    this.#paths.delete(path);
    return false;
  }

  #failedLately(mirror: Mirror): boolean {
    const time = this.#failedAt.get(mirror);
    return time !== undefined && this.#clock.now() - time < this.#rememberMs;
  }
}
