import type { JsonValue } from './value.ts';

/**
 * An object of at most two members, as the members of very long lists are: a Map takes four times the memory, and a list of
 * 100,000 files is 200,000 of them.
 */
export class PairObject implements ReadonlyMap<string, JsonValue> {
  readonly #first: string | undefined;
  readonly #firstValue: JsonValue;
  readonly #second: string | undefined;
  readonly #secondValue: JsonValue;

  /** `undefined` for a member that is not there; the two keys differ. */
  constructor(
    first: string | undefined,
    firstValue: JsonValue,
    second: string | undefined,
    secondValue: JsonValue,
  ) {
    this.#first = first;
    this.#firstValue = firstValue;
    this.#second = second;
    this.#secondValue = secondValue;
  }

  toMap(): Map<string, JsonValue> {
    return new Map(this);
  }

  get size(): number {
    if (this.#first === undefined) return 0;
    return this.#second === undefined ? 1 : 2;
  }

  has(key: string): boolean {
    return key === this.#first || key === this.#second;
  }

  get(key: string): JsonValue | undefined {
    if (key === this.#first) return this.#firstValue;
    return key === this.#second ? this.#secondValue : undefined;
  }

  *entries(): Generator<[string, JsonValue], undefined> {
    if (this.#first !== undefined) yield [this.#first, this.#firstValue];
    if (this.#second !== undefined) yield [this.#second, this.#secondValue];
  }

  *keys(): Generator<string, undefined> {
    for (const [key] of this) yield key;
  }

  *values(): Generator<JsonValue, undefined> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): Generator<[string, JsonValue], undefined> {
    return this.entries();
  }

  forEach(visit: (value: JsonValue, key: string, all: ReadonlyMap<string, JsonValue>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}
