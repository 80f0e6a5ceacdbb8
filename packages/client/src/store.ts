/** Named documents of trusted state, and the revision that counts their changes. */
export interface TrustedDocuments {
  readonly revision: number;
  readonly documents: ReadonlyMap<string, Uint8Array>;
}

/**
 * Where a client keeps what it trusts. Shared by processes; may be damaged; is verified again whenever it is read.
 *
 * An implementation
 * - replaces all documents of one call together and durably, or none;
 * - leaves out a document that is damaged, rather than return other bytes than were written;
 * - never makes a file name of a document's name.
 */
export interface Store {
  /** Every document; no documents and revision 0 at first use. */
  read(): Promise<TrustedDocuments>;
  /** Sets (bytes) or removes (null) documents if the revision still is `expected`; gives the revision that follows. Throws a `conflict` error otherwise. */
  replace(expected: number, changes: ReadonlyMap<string, Uint8Array | null>): Promise<number>;
  /** Bytes kept under a kind ("tile", "target") and 64 hex digits, or null. */
  cached(kind: string, hash: string): Promise<Uint8Array | null>;
  /** Keeps bytes for `cached`; a cache that cannot be written is no error of the caller's. */
  keep(kind: string, hash: string, bytes: Uint8Array): Promise<void>;
}
