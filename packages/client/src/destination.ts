/**
 * Where a download goes: one file, and beside it what a download that was cut off has left. Nothing that it gives is
 * trusted: what is left over may be of another version, damaged, or planted.
 *
 * An implementation
 * - lets nobody else write what it writes, and gives it the file's name only in `complete`;
 * - throws an `unavailable` error when something cannot be read or written.
 */
export interface Destination {
  /** The bytes that stand under the file's name, if there are `length` of them; else null. Any number where it is not known. */
  present(length: number | undefined): Promise<AsyncIterable<Uint8Array> | null>;
  /** The first bytes of the file, at most `length`, from a download that was cut off; null where there are none. */
  leftOver(length: number | undefined): Promise<AsyncIterable<Uint8Array> | null>;
  /**
   * Adds bytes, after those that were written before. Those that were left over are written again. May resolve before they are written:
   * they stay as they are, and what fails is told by the next call.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Drops what was written and what was left over: it is not the file. */
  restart(): Promise<void>;
  /** What was written is the file: it stands under its name from here on. */
  complete(): Promise<void>;
  /** The download ends without the file. With `keep`, what was written is left over for the next one. */
  abandon(options: { readonly keep: boolean }): Promise<void>;
}
