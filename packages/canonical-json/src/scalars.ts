import { fail } from './errors.ts';

/** Trees deeper than this are not written: a Map that holds itself would never end. */
const ENCODE_DEPTH = 1_000;

/** The decimal digits of an integer that every reader reads alike. */
export function formatInteger(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw fail(
      'JSON_VALUE',
      `json: number ${Object.is(value, -0) ? '-0' : value}, expected an integer within 2^53-1`,
    );
  }
  return String(value);
}

export function checkDepth(depth: number): void {
  if (depth > ENCODE_DEPTH)
    throw fail('JSON_VALUE', `json: value deeper than ${ENCODE_DEPTH}, expected a finite tree`);
}

/** For values that the types exclude, such as undefined or a plain object. */
export function refuseValue(value: never): never {
  throw fail('JSON_VALUE', `json: value of type ${typeof value}, expected a JSON value`);
}
