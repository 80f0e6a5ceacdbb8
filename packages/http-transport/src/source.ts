/** Where the files of a repository come from. Structurally the `Source` of `@cargo-tuf/client`. */
export interface Source {
  /**
   * The bytes of the file at `path` (a safe relative URL path), at most `maxLength` of them.
   * Null: the repository says that it is not there. Throws `unavailable` when that cannot be told, and `security`
   * when more bytes come than allowed.
   */
  fetch(path: string, options: FetchOptions): Promise<Uint8Array | null>;
}

export interface FetchOptions {
  /** Bytes. One more is refused, whatever the headers say. */
  readonly maxLength: number;
  readonly signal?: AbortSignal;
}
