// The one error class. Each package declares its codes in one table (`src/errors.ts`):
//
//   export const fail = defineErrors({
//     JSON_DUPLICATE_KEY: { kind: 'malformed', hint: 'write each key once' },
//   });
//   throw fail('JSON_DUPLICATE_KEY', 'signed.version: key appears twice', { details: { offset: 41 } });
//
// Errors are recognised by their code, not by `instanceof`: two copies of this package can meet in one program.

import type { ErrorKind } from './kinds.ts';

export type DetailValue = string | number | boolean | null | readonly string[];

/** Values that disagree, and where: enough to prove the case offline. */
export type Details = Readonly<Record<string, DetailValue>>;

export interface ErrorRow {
  readonly kind: ErrorKind;
  /** What to do next: an action. */
  readonly hint: string;
}

export type ErrorTable = Readonly<Record<string, ErrorRow>>;

export interface ErrorOptions {
  readonly details?: Details;
  readonly cause?: unknown;
  /** A more exact action than the table's. */
  readonly hint?: string;
}

export class TufError<Code extends string = string> extends Error {
  /** Stable: programs may compare it. */
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly hint: string;
  readonly details: Details;

  /** `message` starts with the subject, in lower case, without a full stop: "root: version 3, expected 5". */
  constructor(code: Code, row: ErrorRow, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TufError';
    this.code = code;
    this.kind = row.kind;
    this.hint = options.hint ?? row.hint;
    this.details = options.details ?? {};
  }
}

/** Makes a package's error constructor. A code without a kind and a hint does not compile. */
export function defineErrors<const Table extends ErrorTable>(
  table: Table,
): (code: keyof Table & string, message: string, options?: ErrorOptions) => TufError<keyof Table & string> {
  return (code, message, options) => new TufError(code, table[code] as ErrorRow, message, options);
}

/** True for an error of ours, whichever copy of this package made it; narrows to the codes asked for. */
export function isTufError<Code extends string = string>(
  value: unknown,
  ...codes: readonly Code[]
): value is TufError<Code> {
  if (!(value instanceof Error) || value.name !== 'TufError') return false;
  const code: unknown = (value as { code?: unknown }).code;
  return typeof code === 'string' && (codes.length === 0 || (codes as readonly string[]).includes(code));
}
