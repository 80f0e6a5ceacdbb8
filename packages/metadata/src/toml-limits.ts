/** Bounds of one TOML file, whatever it says. */
export const TOML_LIMITS: TomlLimits = {
  rootBytes: 512_000,
  timestampBytes: 16_384,
  targetsBytes: 5_000_000,
  depth: 16,
  values: 200_000,
  stringLength: 262_144,
};

export interface TomlLimits {
  readonly rootBytes: number;
  readonly timestampBytes: number;
  readonly targetsBytes: number;
  /** Tables and arrays inside one another. */
  readonly depth: number;
  /** Values and tables of a file. */
  readonly values: number;
  /** UTF-16 units of a string: an armored certificate is one. */
  readonly stringLength: number;
}
