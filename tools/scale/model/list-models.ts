// Layouts whose files are JSON: lengths are with gzip where a client gets them and without where a registry writes them.

import { BIN_BYTES, distinctOf } from '../layouts/parameters.ts';
import { modelKey } from './keys.ts';
import { check, FIRST_ROUND, type LayoutModel, published } from './model.ts';

/** Bytes with gzip. */
const SENT = {
  timestamp: 335,
  snapshot: 335,
  targets: 420,
  crateRole: 332,
  flatEntry: 45.7,
  flatVersion: 4.68,
  proof: 218,
  proofLevel: 35.7,
} as const;
/** Bytes without. */
const WRITTEN = {
  timestamp: 474,
  snapshot: 470,
  crateRole: 462,
  flatEntry: 123.4,
  flatVersion: 33.9,
  binFrame: 470,
  binEntry: 122,
  binVersion: 31.5,
  proof: 150,
  proofLevel: 75.5,
} as const;

export function flatModel(size: number): LayoutModel {
  const all = check(SENT.timestamp + SENT.snapshot + size * SENT.flatEntry, [FIRST_ROUND, 1, 1]);
  return {
    cold: () => all,
    warm: () => all,
    publish: () => ({ files: 3, bytes: WRITTEN.timestamp + WRITTEN.snapshot + size * WRITTEN.flatEntry }),
  };
}

export function flatVersionsModel(size: number): LayoutModel {
  const list = SENT.timestamp + SENT.snapshot + size * SENT.flatVersion;
  const withRoles = (roles: number): ReturnType<typeof check> =>
    check(list + roles * SENT.crateRole, [FIRST_ROUND, 1, roles]);
  return {
    cold: crates => withRoles(crates.length),
    warm: (crates, changed) => withRoles(published(crates, changed)),
    publish: crates => ({
      files: 2 + crates.length,
      bytes: WRITTEN.timestamp + size * WRITTEN.flatVersion + crates.length * WRITTEN.crateRole,
    }),
  };
}

export function binsModel(size: number, bits: number, seed: number): LayoutModel {
  const bins = 2 ** bits;
  const binOf = (crate: number): number => modelKey(seed, crate) >>> (32 - bits);
  const list = SENT.timestamp + SENT.snapshot + bins * BIN_BYTES.listed;
  const bin = BIN_BYTES.frame + (BIN_BYTES.crate * size) / bins;
  return {
    cold: crates => {
      const count = new Set(crates.map(binOf)).size;
      return check(list + SENT.targets + count * bin, [FIRST_ROUND, 1, 1, count]);
    },
    warm: (crates, changed) => {
      const changedBins = new Set(changed.map(binOf));
      const count = [...new Set(crates.map(binOf))].filter(each => changedBins.has(each)).length;
      return check(list + count * bin, [FIRST_ROUND, 1, count]);
    },
    publish: crates => {
      const count = distinctOf(bins, crates.length);
      const bytes = count * (WRITTEN.binFrame + (WRITTEN.binEntry * size) / bins) + bins * WRITTEN.binVersion;
      return { files: 2 + count, bytes: WRITTEN.timestamp + bytes };
    },
  };
}

export function tap16Model(size: number): LayoutModel {
  const levels = Math.log2(size);
  const proof = SENT.proof + levels * SENT.proofLevel;
  const check16 = (crates: number, roles: number): ReturnType<typeof check> =>
    check(SENT.timestamp + crates * proof + roles * SENT.crateRole, [FIRST_ROUND, crates, roles]);
  return {
    cold: crates => check16(crates.length, crates.length),
    warm: (crates, changed) => check16(crates.length, published(crates, changed)),
    publish: crates => ({
      files: size + crates.length + 1,
      bytes:
        size * (WRITTEN.proof + levels * WRITTEN.proofLevel) +
        WRITTEN.timestamp +
        crates.length * WRITTEN.crateRole,
    }),
  };
}
