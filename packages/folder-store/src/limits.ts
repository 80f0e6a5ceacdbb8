export interface StoreLimits {
  /** Bytes of the manifest, `state.json`. */
  readonly manifestBytes: number;
  /** Documents in the manifest. */
  readonly documents: number;
  /** Characters of a document's name. */
  readonly nameLength: number;
  /** Bytes of one document. */
  readonly documentBytes: number;
  /** Bytes of one cached file. */
  readonly cachedBytes: number;
  /** Bytes that are short enough to stand with others in one file of the cache. */
  readonly shortBytes: number;
  /** Bytes of that file before half of it moves to files of their own. */
  readonly recentBytes: number;
  /** Bytes of a file in `lock/`. */
  readonly lockBytes: number;
}

/** What is read from disk is bounded too: a damaged or planted file must not exhaust memory. */
export const STORE_LIMITS: StoreLimits = {
  manifestBytes: 4 * 1024 * 1024,
  documents: 4096,
  nameLength: 512,
  documentBytes: 64 * 1024 * 1024,
  cachedBytes: 2 ** 31,
  shortBytes: 64 * 1024,
  recentBytes: 8 * 1024 * 1024,
  lockBytes: 1024,
};
