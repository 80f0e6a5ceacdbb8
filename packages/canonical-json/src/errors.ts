import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  JSON_ENCODING: { kind: 'malformed', hint: 'write the file as UTF-8 without a byte order mark' },
  JSON_SYNTAX: { kind: 'malformed', hint: 'write the file again as JSON (RFC 8259)' },
  JSON_TRAILING: { kind: 'malformed', hint: 'remove what follows the value' },
  JSON_DUPLICATE_KEY: { kind: 'malformed', hint: 'write each key of an object once' },
  JSON_NUMBER: { kind: 'malformed', hint: 'write an integer from -(2^53-1) to 2^53-1 in decimal digits' },
  JSON_SURROGATE: {
    kind: 'malformed',
    hint: 'write both halves of a surrogate pair, or the character itself',
  },
  JSON_LIMIT: { kind: 'malformed', hint: 'split the document, or raise the limit if its source is trusted' },
  JSON_VALUE: { kind: 'misuse', hint: 'encode only null, booleans, safe integers, strings, arrays and Maps' },
} as const;

export type JsonErrorCode = keyof typeof TABLE;

export const fail: (code: JsonErrorCode, message: string, options?: ErrorOptions) => TufError<JsonErrorCode> =
  defineErrors(TABLE);
