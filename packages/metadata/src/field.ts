// A value with the place where it stands, so that a refusal names it:
//
//   root: roles.snapshot.threshold: 0, expected an integer from 1

import { isJsonObject, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import { escapeText } from '@cargo-tuf/errors';
import { fail, type MetadataErrorCode } from './errors.ts';
import type { Reading } from './reading.ts';
import { isLongerThan } from './utf8.ts';

export class Field {
  readonly #value: JsonValue;
  readonly #name: string;
  readonly #parent: Field | undefined;
  readonly reading: Reading;

  /** The outermost field is named by its subject, such as "root". */
  constructor(value: JsonValue, name: string, reading: Reading, parent?: Field) {
    this.#value = value;
    this.#name = name;
    this.reading = reading;
    this.#parent = parent;
  }

  /** "root: roles.snapshot.threshold", escaped and bounded. */
  get place(): string {
    if (this.#parent === undefined) return this.#name;
    const separator = this.#parent.#parent === undefined ? ': ' : '.';
    return `${this.#parent.place}${separator}${escapeText(this.#name, 80)}`;
  }

  object(): JsonObject {
    return isJsonObject(this.#value) ? this.#value : this.#expected('an object');
  }

  member(name: string): Field {
    return this.optional(name) ?? this.child(null, name).refuse('METADATA_SHAPE', 'absent, expected a value');
  }

  optional(name: string): Field | undefined {
    const value = this.object().get(name);
    return value === undefined ? undefined : this.child(value, name);
  }

  /** The object itself: for lists so long that a field for each of their members takes time. */
  objectOf(limit: number): JsonObject {
    const object = this.object();
    this.#limit(object.size, limit, 'members');
    return object;
  }

  entries(limit: number): [string, Field][] {
    return Array.from(this.objectOf(limit), ([name, value]) => [name, this.child(value, name)]);
  }

  child(value: JsonValue, name: string): Field {
    return new Field(value, name, this.reading, this);
  }

  elements(limit: number): Field[] {
    if (!Array.isArray(this.#value)) return this.#expected('an array');
    const array = this.#value as readonly JsonValue[];
    this.#limit(array.length, limit, 'elements');
    return array.map((value, index) => this.child(value, String(index)));
  }

  /** A string that is not empty and has at most `bytes` bytes of UTF-8. */
  text(bytes: number): string {
    if (typeof this.#value !== 'string' || this.#value === '')
      return this.#expected('a string that is not empty');
    if (isLongerThan(this.#value, bytes)) this.refuse('METADATA_LIMIT', `longer than ${bytes} bytes`);
    return this.#value;
  }

  string(): string {
    return typeof this.#value === 'string' ? this.#value : this.#expected('a string');
  }

  boolean(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.#expected('true or false');
  }

  integer(least: number, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#value;
    if (typeof value !== 'number' || value < least || value > most) {
      return this.#expected(
        most === Number.MAX_SAFE_INTEGER ? `an integer from ${least}` : `an integer from ${least} to ${most}`,
      );
    }
    return value;
  }

  /** `digits` lower-case hex digits; any even number of them, but not none, when undefined. */
  hex(digits?: number): string {
    const value = this.#value;
    if (isHex(value, digits)) return value;
    return this.#expected(`${digits === undefined ? '' : `${digits} `}lower-case hex digits`);
  }

  refuse(code: MetadataErrorCode, reason: string, cause?: unknown): never {
    throw fail(code, `${this.place}: ${reason}`, {
      details: { field: this.place },
      ...(cause === undefined ? {} : { cause }),
    });
  }

  #expected(what: string): never {
    return this.refuse('METADATA_SHAPE', `${describe(this.#value)}, expected ${what}`);
  }

  #limit(count: number, limit: number, what: string): void {
    if (count > limit) this.refuse('METADATA_LIMIT', `${count} ${what}, expected at most ${limit}`);
  }
}

/** `digits` lower-case hex digits; any even number of them, but not none, when undefined. */
export function isHex(value: JsonValue, digits: number | undefined): value is string {
  if (typeof value !== 'string') return false;
  if (digits === 64) return HEX_64.test(value);
  return (digits === undefined || value.length === digits) && HEX.test(value);
}

const HEX = /^(?:[0-9a-f]{2})+$/;
/** Nearly every hash there is. */
const HEX_64 = /^[0-9a-f]{64}$/;

function describe(value: JsonValue): string {
  if (typeof value === 'string') return `"${escapeText(value, 40)}"`;
  if (isJsonObject(value)) return 'an object';
  return typeof value === 'object' && value !== null ? 'an array' : String(value);
}
