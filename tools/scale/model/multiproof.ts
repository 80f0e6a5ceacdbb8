// The size of one proof for many crates, as a server could cut it from the tree for the asking: what is below is either wanted, and then
// goes on to its leaves, or one hash. No key is needed to cut it, and none is trusted: its reader recomputes the root.
//
//   2 bits for each node: empty, one hash, one leaf record, both halves follow; then the hashes and records, in that order

/** `keys`: of all crates, ascending, of 32 bits. `wanted`: keys among them. Bytes. */
export function multiproofBytes(keys: Uint32Array, wanted: readonly number[], recordBytes: number): number {
  let [nodes, hashes, records] = [0, 0, 0];
  const visit = (from: number, to: number, depth: number, below: readonly number[]): void => {
    nodes += 1;
    if (from === to) return;
    if (below.length === 0) hashes += 1;
    else if (to - from === 1 || depth === 32) records += to - from;
    else {
      const bit = 2 ** (31 - depth);
      let [low, high] = [from, to];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (((keys[middle] as number) & bit) === 0) low = middle + 1;
        else high = middle;
      }
      visit(
        from,
        low,
        depth + 1,
        below.filter(key => (key & bit) === 0),
      );
      visit(
        low,
        to,
        depth + 1,
        below.filter(key => (key & bit) !== 0),
      );
    }
  };
  visit(0, keys.length, 0, [...new Set(wanted)]);
  return Math.ceil(nodes / 4) + 32 * hashes + recordBytes * records;
}
