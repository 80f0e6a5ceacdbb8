import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  MERKLE_SHAPE: { kind: 'misuse', hint: 'give map 1 or 2 and a repository id of 32 bytes' },
  MERKLE_LEAF: { kind: 'misuse', hint: 'make the leaf as docs/pouf.md, section 3, says' },
  MERKLE_LEAF_KIND: { kind: 'malformed', hint: 'keep claims in map 2 and everything else in map 1' },
  MERKLE_NAME: { kind: 'malformed', hint: 'report it to the repository: a name in its map is none' },
  MERKLE_SEALED: {
    kind: 'misuse',
    hint: 'name every leaf that is looked at or changed when the tree is read',
  },
  MERKLE_TILE_ABSENT: { kind: 'unavailable', hint: 'restore the tile from a mirror or a backup' },
  MERKLE_DUPLICATE: { kind: 'misuse', hint: 'give each name once' },
  MERKLE_SYNTAX: { kind: 'malformed', hint: 'fetch the file again, or from another mirror' },
  MERKLE_LIMIT: { kind: 'malformed', hint: 'fetch the file again, or from another mirror' },
  MERKLE_TILE_SHAPE: { kind: 'malformed', hint: 'fetch the tile again, or from another mirror' },
  MERKLE_TILE_HASH: {
    kind: 'security',
    hint: 'fetch the tile from another mirror; this one alters or corrupts it',
  },
  MERKLE_TILE_PLACE: {
    kind: 'security',
    hint: 'report it to the repository: its map holds a key where it cannot be',
  },
  MERKLE_PROOF_SHAPE: { kind: 'security', hint: 'fetch the proof from another mirror' },
  MERKLE_PROOF_PLACE: {
    kind: 'security',
    hint: 'fetch the proof from another mirror: this one is about another name',
  },
  MERKLE_PROOF_ROOT: {
    kind: 'security',
    hint: 'fetch the proof again: it belongs to another snapshot or was altered',
  },
} as const;

export type MerkleErrorCode = keyof typeof TABLE;

export const fail: (
  code: MerkleErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<MerkleErrorCode> = defineErrors(TABLE);
