/**
 * Where a repository's files come from. Nothing that it gives is trusted: a mirror may lie, stall or mix.
 *
 * An implementation
 * - answers `null` only when the repository says that the file is not there (404, no such file);
 * - throws an `unavailable` error when it could not tell (no connection, 403, 500, time-out);
 * - reads at most `maxLength` bytes and throws a `security` error when there are more;
 * - follows no redirect and undoes no compression of metadata.
 */
export interface Source {
  /** `path` is relative to the repository's base, as in docs/pouf.md section 1: "metadata/2.root.json". */
  fetch(path: string, options: FetchOptions): Promise<Uint8Array | null>;
  /**
   * What was served for `path` did not verify, or was missing although it must be there. True when another mirror
   * can be asked for it, which the next `fetch` of that path then does.
   */
  reject?(path: string): boolean;
}

export interface FetchOptions {
  readonly maxLength: number;
  readonly signal?: AbortSignal;
}

/** The part of the platform's AbortSignal that is used here. */
export interface AbortSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}
