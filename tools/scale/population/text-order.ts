/** The numbers below `size` in the order of their texts, in 4 bytes a number. Texts have the characters of index paths. */
export function textOrder(size: number, textOf: (index: number) => string): Uint32Array {
  const starts = new Float64Array(size);
  for (let index = 0; index < size; index++) starts[index] = startOf(textOf(index));
  return Uint32Array.from(starts.keys()).sort((left, right) => {
    const difference = (starts[left] as number) - (starts[right] as number);
    if (difference !== 0) return difference;
    return textOf(left) < textOf(right) ? -1 : 1;
  });
}

/** The first eight characters of a text as a number, in their order: enough to order most. */
function startOf(text: string): number {
  let start = 0;
  for (let at = 0; at < 8; at++) start = start * 96 + Math.max(0, (text.charCodeAt(at) || FIRST) - FIRST);
  return start;
}

/** The character before all that a path has. */
const FIRST = 0x2c;
