// Who depends on what, and what is published. Both follow Zipf's law by the number of a crate: a few crates are in most lock files, and
// popular crates are published more often than others, though by far less. `uniform` draws all crates alike.

import { fraction } from './random.ts';

export type Skew = 'popular' | 'uniform';

const [DEPENDENCY, PUBLISH] = [20, 21] as const;
/** Exponents of Zipf's law. */
const EXPONENT = { dependencies: 0.95, publishes: 0.3 } as const;

/** `count` different crates of a registry of `size`. `draw`: the number of the lock file. */
export function drawDependencies(
  size: number,
  count: number,
  draw: number,
  skew: Skew = 'popular',
): number[] {
  return distinct(size, count, skew === 'popular' ? EXPONENT.dependencies : 0, DEPENDENCY, draw);
}

/** `count` different crates that are published. `draw`: the number of the hour. */
export function drawPublishes(size: number, count: number, draw: number, skew: Skew = 'popular'): number[] {
  return distinct(size, count, skew === 'popular' ? EXPONENT.publishes : 0, PUBLISH, draw);
}

function distinct(size: number, count: number, exponent: number, stream: number, draw: number): number[] {
  if (count > size) throw new Error(`draws: ${count} of ${size} crates, expected at most all`);
  const crates = new Set<number>();
  for (let at = 0; crates.size < count; at++) {
    // The inverse of the distribution of a continuous Zipf law.
    const rank = Math.floor(size * fraction(draw, stream, at) ** (1 / (1 - exponent)));
    crates.add(rank);
  }
  return [...crates];
}
