import { sha256Into } from '@cargo-tuf/keys';
import { checkKind, keyInto, type MapShape } from './hashes.ts';
import { mapOfKind } from './leaf.ts';
import type { RecordFields } from './record.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * Writes the key of a record in `records` to `out` at `offset`. Throws `MERKLE_LEAF_KIND`, `MERKLE_NAME`, and `MERKLE_SYNTAX` for
 * a name that is no text.
 */
export function recordKeyInto(
  shape: MapShape,
  records: Uint8Array,
  { kind, nameStart, nameEnd }: RecordFields,
  out: Uint8Array,
  offset: number,
): void {
  if (mapOfKind(kind) === shape.map) {
    const length = shape.writePath?.(records, nameStart, nameEnd, path) ?? 0;
    if (length > 0) {
      sha256Into(pathStarts[length] as Uint8Array, out, offset);
      return;
    }
  }
  const name = decodeUtf8(records.subarray(nameStart, nameEnd));
  checkKind(shape, kind, name);
  keyInto(shape, name, out, offset);
}

const path = new Uint8Array(512);
/** Its first 0, 1, 2, … bytes: making a view takes longer than writing a path. */
const pathStarts: readonly Uint8Array[] = Array.from({ length: path.length + 1 }, (_, length) =>
  path.subarray(0, length),
);
