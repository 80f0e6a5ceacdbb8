/** Bounds of one document: deep nesting exhausts the stack, many members or one long string exhaust memory. */
export interface JsonLimits {
  /** Arrays and objects inside one another. */
  readonly depth: number;
  /** Members of one object, or elements of one array. */
  readonly members: number;
  /** Values of the whole document, keys not counted. */
  readonly nodes: number;
  /** UTF-8 bytes of one string or key as written between its quotes. */
  readonly stringBytes: number;
}

export const JSON_LIMITS: JsonLimits = { depth: 32, members: 100_000, nodes: 500_000, stringBytes: 65_536 };
