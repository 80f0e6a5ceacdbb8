/** What a manifest may be at most. The largest real one has 1.2 MB, 25 packages and 5,000 archives. */
export const CHANNEL_LIMITS: {
  readonly manifestBytes: number;
  readonly packages: number;
  readonly targets: number;
  readonly components: number;
  readonly textLength: number;
  readonly checksumBytes: number;
  readonly rustupBytes: number;
} = {
  manifestBytes: 16 * 1024 * 1024,
  packages: 1000,
  targets: 1000,
  components: 10_000,
  textLength: 1024,
  checksumBytes: 4096,
  rustupBytes: 4096,
};
