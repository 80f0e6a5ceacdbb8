import { escapeText } from '@cargo-tuf/errors';
import { foldPath } from './crate-path.ts';
import { fail } from './errors.ts';

type Kind = 'file' | 'folder';

/** The paths of one archive. Refuses two that are one place on some file system. */
export class PathSet {
  readonly #places = new Map<
    string,
    { readonly path: string; readonly kind: Kind; readonly isListed: boolean }
  >();

  /** Throws `CRATE_DUPLICATE`. */
  add(path: string, kind: Kind): void {
    this.#put(path, kind, true);
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      this.#put(path.slice(0, slash), 'folder', false);
    }
  }

  #put(path: string, kind: Kind, isListed: boolean): void {
    const place = foldPath(path);
    const known = this.#places.get(place);
    if (known !== undefined && (known.path !== path || known.kind !== kind || (known.isListed && isListed))) {
      throw fail(
        'CRATE_DUPLICATE',
        `${escapeText(path)}: same place as ${known.kind} ${escapeText(known.path)}`,
        {
          details: { path, kind, other: known.path, otherKind: known.kind },
        },
      );
    }
    this.#places.set(place, { path, kind, isListed: isListed || known?.isListed === true });
  }
}
