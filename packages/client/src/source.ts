/**
 * Where a repository's files come from. Nothing that it gives is trusted: a mirror may lie, stall or mix.
 *
 * An implementation
 * - answers `null` only when the repository says that the file is not there (404, no such file);
 * - throws an `unavailable` error when it could not tell (no connection, 403, 500, time-out);
 * - reads at most `maxLength` bytes and throws a `security` error when there are more;
 * - follows no redirect and undoes no compression of metadata.
 *
 * `download`, where there is one, gives a large file in pieces. It goes on by itself where a connection broke; it throws an
 * `unavailable` error when the file is not there, and a `conflict` error when the file became another between two parts.
 */
export interface Source {
  /** `path` is relative to the repository's base, as in docs/pouf.md section 1: "metadata/2.root.json". */
  fetch(path: string, options: FetchOptions): Promise<Uint8Array | null>;
  /** The bytes from `resume` on. Without this method a file is fetched in one piece, within `limits.target`. */
  download?(path: string, options: DownloadOptions): AsyncIterable<Uint8Array>;
  /**
   * What was served for `path` did not verify, or was missing although it must be there. True when another mirror
   * can be asked for it, which the next `fetch` of that path then does. `reason` is the error, for whoever reports it.
   */
  reject?(path: string, reason?: unknown): boolean;
}

export interface FetchOptions {
  readonly maxLength: number;
  readonly signal?: AbortSignal;
}

export interface DownloadOptions extends FetchOptions {
  /** The signed length of the whole file. */
  readonly expectedLength?: number;
  /** Bytes of the file that are there already; none unless given. */
  readonly resume?: number;
  /** Told of bytes that came, and of the file's length where the server tells it. */
  onProgress?(progress: { readonly received: number; readonly total: number | undefined }): void;
}

/** The part of the platform's AbortSignal that is used here. */
export interface AbortSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}
