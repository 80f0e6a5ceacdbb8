import type { TrieShape } from '../layouts/trie.ts';
import { modelKey } from './keys.ts';
import { check, FIRST_ROUND, type LayoutModel } from './model.ts';

const [TIMESTAMP, HASH, LIST] = [452, 33, 5] as const;

/** `nameBytes`: of a crate's name, on average. */
export function trieModel(
  size: number,
  { depth, breadth }: TrieShape,
  nameBytes: number,
  seed: number,
): LayoutModel {
  const index = 1 + HASH * 2 ** breadth;
  const list = LIST + (size / 2 ** (breadth * depth)) * (4 + nameBytes + HASH);
  const bytesAt = (level: number): number => (level === depth ? list : index);
  const nodeOf = (crate: number, level: number): number =>
    level === 0 ? 0 : modelKey(seed, crate) >>> (32 - breadth * level);
  const levels = Array.from({ length: depth + 1 }, (_, level) => level);
  const nodesAt = (crates: readonly number[], level: number): Set<number> =>
    new Set(crates.map(crate => nodeOf(crate, level)));
  const checkOf = (counts: readonly number[]): ReturnType<typeof check> =>
    check(
      counts.reduce((sum, count, level) => sum + count * bytesAt(level), TIMESTAMP),
      [FIRST_ROUND, ...counts],
    );
  return {
    cold: crates => checkOf(levels.map(level => nodesAt(crates, level).size)),
    warm: (crates, changed) =>
      checkOf(
        levels.map(level => {
          const changedNodes = nodesAt(changed, level);
          return [...nodesAt(crates, level)].filter(node => changedNodes.has(node)).length;
        }),
      ),
    publish: crates => {
      const counts = levels.map(level => nodesAt(crates, level).size);
      return {
        files: 1 + counts.reduce((sum, count) => sum + count, 0),
        bytes: counts.reduce((sum, count, level) => sum + count * bytesAt(level), TIMESTAMP),
      };
    },
  };
}
