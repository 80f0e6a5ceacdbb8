/** Where the files of a repository come from. Structurally the `Source` of `@cargo-tuf/client`. */
export interface Source {
  /**
   * The bytes of the file at `path` (a safe relative URL path), at most `maxLength` of them.
   * Null: the repository says that it is not there. Throws `unavailable` when that cannot be told, and `security`
   * when more bytes come than allowed.
   */
  fetch(path: string, options: FetchOptions): Promise<Uint8Array | null>;
  /**
   * A large file in pieces. They are not verified. Throws `HTTP_NOT_FOUND` when the file is not there, and `HTTP_CHANGED`
   * when it became another between two parts.
   */
  download(path: string, options: DownloadOptions): AsyncIterable<Uint8Array>;
}

export interface FetchOptions {
  /** Bytes. One more is refused, whatever the headers say. */
  readonly maxLength: number;
  readonly signal?: AbortSignal;
}

export interface Progress {
  readonly url: string;
  /** Bytes of the file so far, those from earlier attempts included. */
  readonly received: number;
  readonly total: number | undefined;
}

export interface DownloadOptions extends FetchOptions {
  /** Signed length of the whole file. */
  readonly expectedLength?: number;
  /** Bytes of the file that the caller already has: the download goes on after them. */
  readonly resume?: number;
  readonly onProgress?: (progress: Progress) => void;
}
