import {
  buildPartition,
  joinPartitions,
  type Leaf,
  LeafPartitions,
  type MapShape,
  packLeaves,
  type Tile,
  type TileCut,
} from '@cargo-tuf/merkle-snapshot';

/** A map built as threads do it: leaves dealt to `hands` sets of partitions, each partition built on its own. */
export function buildByPartitions(
  shape: MapShape,
  leaves: readonly Leaf[],
  cut: TileCut,
  hands = 2,
): { root: Uint8Array; size: number; tiles: Tile[] } {
  const taken = Array.from({ length: hands }, (_, hand) => {
    const partitions = new LeafPartitions(shape);
    for (const records of packLeaves(leaves.filter((_, index) => index % hands === hand))) {
      partitions.add(records);
    }
    return partitions.take();
  });
  const tiles: Tile[] = [];
  const sink = { cut, emit: (tile: Tile) => void tiles.push(tile) };
  const subtrees = taken[0].map((_, index) =>
    buildPartition(
      taken.flatMap(each => each[index]),
      sink,
    ),
  );
  return { ...joinPartitions(subtrees, sink), tiles };
}
