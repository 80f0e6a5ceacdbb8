/** What a reader accepts (docs/pouf.md, sections 4 and 5). */
export const MERKLE_LIMITS: {
  readonly tileBytes: number;
  readonly exits: number;
  readonly records: number;
  readonly proofBytes: number;
  readonly siblings: number;
  /** Hashes of a proof of TAP 16 to the letter, whose tree is balanced. */
  readonly levels: number;
  readonly nameBytes: number;
  readonly changesBytes: number;
  readonly changeRuns: number;
  /** In one file of changes. */
  readonly changedNames: number;
  /** Tiles that a walk may cross: for the one who fetches. */
  readonly tilesInWalk: number;
} = {
  tileBytes: 64 * 1024,
  exits: 2_000,
  records: 256,
  proofBytes: 64 * 1024,
  siblings: 256,
  levels: 64,
  nameBytes: 255,
  changesBytes: 512 * 1024,
  changeRuns: 64,
  changedNames: 65_536,
  tilesInWalk: 64,
};
