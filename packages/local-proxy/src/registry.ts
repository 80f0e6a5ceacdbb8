/** One registry behind the proxy. The proxy knows nothing of signatures: it serves what this gives it. */
export interface ProxyRegistry {
  /** The first segment of its URLs, `http://127.0.0.1:<port>/<slug>/index/`: lower-case letters, digits, `-`. */
  readonly slug: string;
  /**
   * Verifies the registry's state and pins it. Throws what makes the whole registry unusable: an expired timestamp, a
   * rollback, a root that is not signed.
   */
  pin(): Promise<PinnedRegistry>;
}

/** A verified state of a registry: everything asked of it stands in that state. */
export interface PinnedRegistry {
  /** The verified index file of a lower-case crate name and its SHA-256 (hex), or undefined where absence is proved. */
  entry(name: string): Promise<{ readonly bytes: Uint8Array; readonly sha256: string } | undefined>;
  /** The verified archive, or undefined where the index has no such version with that checksum (hex). */
  crate(name: string, version: string, sha256: string): Promise<Uint8Array | undefined>;
  /** An entry was served: what it may depend on will be asked for next. Never throws. */
  prefetch?(name: string): void;
}
