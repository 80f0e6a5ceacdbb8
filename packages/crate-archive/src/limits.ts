import { fail } from './errors.ts';

export interface CrateArchiveLimits {
  /** Bytes of the archive. */
  readonly packedBytes: number;
  /** Bytes of the tar inside: the larger of this and `ratio` times the packed size, as cargo has it. */
  readonly unpackedBytes: number;
  readonly ratio: number;
  /** Files and folders. */
  readonly entries: number;
  readonly manifestBytes: number;
  /** Bytes of one path. */
  readonly pathBytes: number;
}

export const CRATE_LIMITS: CrateArchiveLimits = {
  packedBytes: 10 * 1024 * 1024,
  unpackedBytes: 512 * 1024 * 1024,
  ratio: 20,
  entries: 10_000,
  manifestBytes: 1024 * 1024,
  pathBytes: 4_096,
};

/** Throws `CRATE_LIMIT`. */
export function checkLimit(what: string, value: number, limit: number): void {
  if (value <= limit) return;
  throw fail('CRATE_LIMIT', `crate: ${what} ${value}, at most ${limit}`, { details: { what, value, limit } });
}
