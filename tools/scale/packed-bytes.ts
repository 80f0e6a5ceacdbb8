// Published files in few large pieces of memory: ten million crates have half a million tiles, and a folder of them would take longer to
// write than the map takes to build.

import { createHash } from 'node:crypto';
import { equalBytes } from '@cargo-tuf/keys';
import type { PublishedBytes } from '@cargo-tuf/repository';
import { Tally } from './transport/tally.ts';

const PIECE = 64 * 1024 * 1024;

export class PackedBytes implements PublishedBytes {
  readonly #files = new Map<string, Uint8Array>();
  #piece = new Uint8Array(0);
  #used = 0;
  /** What was written. */
  readonly written: Tally = new Tally();

  read(path: string): Uint8Array | undefined {
    return this.#files.get(path);
  }

  /** Number of files. */
  get size(): number {
    return this.#files.size;
  }

  async get(path: string): Promise<{ readonly bytes: Uint8Array; readonly tag: string } | null> {
    const bytes = this.#files.get(path);
    return bytes === undefined ? null : { bytes, tag: tagOf(bytes) };
  }

  async putIfAbsent(path: string, bytes: Uint8Array): Promise<'done' | 'same' | 'conflict'> {
    const present = this.#files.get(path);
    if (present !== undefined) return equalBytes(present, bytes) ? 'same' : 'conflict';
    this.#write(path, bytes);
    return 'done';
  }

  async compareAndSwap(path: string, bytes: Uint8Array, tag: string | null): Promise<'done' | 'conflict'> {
    const present = this.#files.get(path);
    if ((present === undefined ? null : tagOf(present)) !== tag) return 'conflict';
    this.#write(path, bytes);
    return 'done';
  }

  #write(path: string, bytes: Uint8Array): void {
    this.written.add(path, bytes.length);
    if (this.#used + bytes.length > this.#piece.length) {
      this.#piece = new Uint8Array(Math.max(PIECE, bytes.length));
      this.#used = 0;
    }
    this.#piece.set(bytes, this.#used);
    this.#files.set(path, this.#piece.subarray(this.#used, this.#used + bytes.length));
    this.#used += bytes.length;
  }
}

function tagOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
