import { fail } from './errors.ts';

/** Reads from the front. A length is compared with what is there before anything is made of it. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #subject: string;
  #offset = 0;

  constructor(bytes: Uint8Array, subject: string) {
    this.#bytes = bytes;
    this.#subject = subject;
  }

  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** A view of the next `length` bytes. Throws `OPENPGP_TRUNCATED`. */
  take(length: number): Uint8Array {
    const rest = this.#bytes.length - this.#offset;
    if (length > rest) {
      throw fail('OPENPGP_TRUNCATED', `${this.#subject}: ${rest} bytes left, expected ${length}`, {
        details: { offset: this.#offset, left: rest, expected: length },
      });
    }
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  takeRest(): Uint8Array {
    return this.take(this.#bytes.length - this.#offset);
  }

  byte(): number {
    return this.#number(1);
  }

  uint16(): number {
    return this.#number(2);
  }

  uint32(): number {
    return this.#number(4);
  }

  /** Throws `OPENPGP_TRAILING` unless everything was read. */
  end(): void {
    if (this.isAtEnd) return;
    const rest = this.#bytes.length - this.#offset;
    throw fail('OPENPGP_TRAILING', `${this.#subject}: ${rest} bytes after its end, expected none`, {
      details: { offset: this.#offset, left: rest },
    });
  }

  #number(length: number): number {
    return readNumber(this.take(length));
  }
}

/** Big-endian, at most 4 bytes. */
export function readNumber(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** Big-endian. */
export function writeNumber(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let index = length - 1; index >= 0; index -= 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Below, above or equal to zero: the order of the bytes, then of the lengths. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let index = 0; index < left.length && index < right.length; index += 1) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
