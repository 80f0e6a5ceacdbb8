/** Bounds of what git may do: neither a server nor a repository on disk may exhaust memory, disk or time. */
export interface GitLimits {
  /** Bytes of an object that `read` gives. */
  readonly objectBytes: number;
  /** Bytes that one fetch may write. */
  readonly packBytes: number;
  /** Bytes that git may ask for at once. Larger blobs pass through it in pieces. */
  readonly allocationBytes: number;
  /** Refs of one listing. */
  readonly refs: number;
  /** Objects that one `writeAll` makes. */
  readonly writtenObjects: number;
  /** A command that needs no network. */
  readonly commandMs: number;
  /** A fetch or push as a whole. */
  readonly fetchMs: number;
  /** Fewer bytes than `bytesPerSecond` for this long end a transfer. */
  readonly slowMs: number;
  readonly bytesPerSecond: number;
}

export const GIT_LIMITS: GitLimits = {
  objectBytes: 16 * 1024 * 1024,
  packBytes: 512 * 1024 * 1024,
  allocationBytes: 512 * 1024 * 1024,
  refs: 10_000,
  writtenObjects: 1_000_000,
  commandMs: 60_000,
  fetchMs: 600_000,
  slowMs: 20_000,
  bytesPerSecond: 1024,
};
