import type { ErrorKind } from './kinds.ts';
import { isTufError } from './tuf-error.ts';

const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  security: 4,
  malformed: 4,
  unsupported: 5,
  unavailable: 3,
  conflict: 3,
  misuse: 2,
  internal: 70,
};

/**
 * The exit code of a program that ends with `error`. Malformed bytes end with 4 when they came from the network
 * and with 1 when they came from a local file (`local: true` in the error's details). Anything that is not one of
 * our errors is a defect: 70.
 */
export function exitCodeOf(error: unknown): number {
  if (!isTufError(error)) return EXIT_CODES.internal;
  if (error.kind === 'malformed' && error.details['local'] === true) return 1;
  return EXIT_CODES[error.kind];
}
