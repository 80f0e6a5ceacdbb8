// Where ours accepts and another implementation refuses, and is allowed to: its documented policy, or a rule of its own
// that the format does not have. Nothing else may differ, and each of these must still be seen by the tests.

import type { Input } from './input.ts';

export interface Difference {
  readonly oracle: string;
  readonly reason: string;
  /** What the oracle says of it. */
  readonly says: RegExp;
  readonly input?: (input: Input) => boolean;
}

export const DIFFERENCES: readonly Difference[] = [];

export function findDifference(oracle: string, said: string, input: Input): Difference | undefined {
  return DIFFERENCES.find(
    each => each.oracle === oracle && each.says.test(said) && (each.input?.(input) ?? true),
  );
}
