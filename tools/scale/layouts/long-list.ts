// A role whose one list has a member for every crate, as canonical JSON: too long for a tree of values, so it is written in pieces.

import type { Ledger } from '../population/ledger.ts';
import { textOrder } from '../population/text-order.ts';

export interface ListShape {
  /** The canonical text up to the opening brace of the list, and from its closing brace on. */
  readonly head: string;
  tail(version: number): string;
  /** Under which name the list has a crate: `it/oa/itoa`. */
  nameOf(crate: number): string;
  /** What it says of it: `{…}`, in one byte a character. */
  valueOf(crate: number): string;
  /** One member that stands for no crate. */
  readonly extra?: { readonly name: string; readonly value: string };
}

const MEMBERS_A_PIECE = 1_000;

export class LongList {
  readonly #ledger: Ledger;
  readonly #shape: ListShape;
  readonly #order: Uint32Array;
  /** Place of the extra member among the others. */
  readonly #extraAt: number;
  #memberBytes = 0;

  constructor(ledger: Ledger, shape: ListShape) {
    this.#ledger = ledger;
    this.#shape = shape;
    this.#order = textOrder(ledger.size, crate => shape.nameOf(crate));
    const { extra } = shape;
    this.#extraAt =
      extra === undefined ? -1 : this.#order.findIndex(crate => shape.nameOf(crate) > extra.name);
    for (let crate = 0; crate < ledger.size; crate++) this.#memberBytes += this.#member(crate).length;
  }

  /** Publishes crates, and keeps count of the length. */
  publish(crates: readonly number[]): void {
    this.#memberBytes -= this.#bytesOf(crates);
    this.#ledger.publish(crates);
    this.#memberBytes += this.#bytesOf(crates);
  }

  /** Bytes of the canonical form. */
  length(version: number): number {
    const { head, extra } = this.#shape;
    const extraBytes = extra === undefined ? 0 : extra.name.length + extra.value.length + 4;
    const commas = this.#order.length - 1;
    return head.length + this.#shape.tail(version).length + this.#memberBytes + commas + extraBytes;
  }

  /** The canonical form. */
  write(version: number): Uint8Array {
    const { head, extra } = this.#shape;
    const bytes = Buffer.allocUnsafe(this.length(version));
    let used = bytes.write(head, 0, 'latin1');
    for (let from = 0; from < this.#order.length; from += MEMBERS_A_PIECE) {
      const members: string[] = [];
      for (const [at, crate] of this.#order.subarray(from, from + MEMBERS_A_PIECE).entries()) {
        if (extra !== undefined && from + at === this.#extraAt)
          members.push(`"${extra.name}":${extra.value}`);
        members.push(this.#member(crate));
      }
      used += bytes.write((from === 0 ? '' : ',') + members.join(','), used, 'latin1');
    }
    used += bytes.write(this.#shape.tail(version), used, 'latin1');
    if (used !== bytes.length) throw new Error(`list: ${used} bytes, expected ${bytes.length}`);
    return bytes;
  }

  #member(crate: number): string {
    return `"${this.#shape.nameOf(crate)}":${this.#shape.valueOf(crate)}`;
  }

  #bytesOf(crates: readonly number[]): number {
    return crates.reduce((sum, crate) => sum + this.#member(crate).length, 0);
  }
}
