import { fail } from './errors.ts';

/** Bounds of one object: what a server sends must not exhaust memory or time. */
export interface GitObjectLimits {
  readonly commitBytes: number;
  readonly tagBytes: number;
  /** Headers of a commit or a tag; the lines that continue one are not counted. */
  readonly headers: number;
  /** Parents of a commit. An index has no merges of more than two. */
  readonly parents: number;
  /** Bytes of an armored signature. */
  readonly signatureBytes: number;
  readonly treeBytes: number;
  readonly treeEntries: number;
  /** UTF-8 bytes of a name in a tree. */
  readonly nameBytes: number;
}

export const GIT_OBJECT_LIMITS: GitObjectLimits = {
  commitBytes: 65_536,
  tagBytes: 65_536,
  headers: 64,
  parents: 2,
  signatureBytes: 16_384,
  treeBytes: 16 * 1024 * 1024,
  treeEntries: 100_000,
  nameBytes: 255,
};

/** Throws `GIT_OBJECT_LIMIT` when `found` is beyond `limit`; `what` begins with the subject: "commit: parents". */
export function checkLimit(what: string, found: number, limit: number): void {
  if (found > limit)
    throw fail('GIT_OBJECT_LIMIT', `${what}: ${found}, expected at most ${limit}`, {
      details: { found, limit },
    });
}
