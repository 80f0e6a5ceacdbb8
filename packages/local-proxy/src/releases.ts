/** Rust releases behind the proxy, below `/rust-releases/`. The proxy knows nothing of signatures: it serves what this gives it. */
export interface ProxyReleases {
  /** Verifies the state of the releases and pins it. Throws what makes all of them unusable, as an expired timestamp does. */
  pin(): Promise<PinnedReleases>;
}

/** A verified state of the releases. Paths are those of files below a release server, without a leading slash. */
export interface PinnedReleases {
  /** The verified bytes of `dist/channel-rust-stable.toml` and its like, or undefined where it is proved that there is none. */
  manifest(path: string): Promise<{ readonly bytes: Uint8Array; readonly sha256: string } | undefined>;
  /** The verified bytes of `rustup/release-stable.toml`; undefined as above. */
  rustupRelease(): Promise<Uint8Array | undefined>;
  /** An archive below `dist/`, or undefined where no verified manifest names it. */
  archive(path: string): Promise<ReleaseFile | undefined>;
  /** `rustup/archive/1.29.0/<triple>/rustup-init`; undefined where it is proved that there is none. */
  installer(path: string): Promise<ReleaseFile | undefined>;
}

/** A file whose hash is known, and which may be large. */
export interface ReleaseFile {
  /** Hex; undefined where another hash is signed. */
  readonly sha256: string | undefined;
  /**
   * Begins to fetch it, from its start; what fails before the first piece is there is told to the client with a status.
   * `signal` fires when nobody waits for it any more.
   */
  open(signal: AbortSignal): Promise<OpenReleaseFile>;
}

export interface OpenReleaseFile {
  /** As it is signed, or else as a server says; undefined where neither does. */
  readonly length: number | undefined;
  /** The end comes only when the whole is verified; what is not verified throws instead. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** The first segment of the URLs of releases; no registry has it as its slug. */
export const RELEASES_SLUG = 'rust-releases';
