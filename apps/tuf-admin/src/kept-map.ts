import { equalBytes } from '@cargo-tuf/keys';
import type { CommitResult, PublishedState } from '@cargo-tuf/repository';

/** Leaves that are kept, of about 200 bytes each: 100 MiB. */
const MOST_LEAVES: number = 2 ** 19;

/** What one batch has read and written of the map, for the next one: it reads no tile that is known. */
export class KeptMap {
  #tree: CommitResult['tree'] | undefined;
  #names = 0;

  /** The state with what is known of its map. That of another publisher is read anew. */
  of(state: PublishedState): PublishedState {
    const tree = this.#tree;
    const isSame = tree?.size === state.tree.size && equalBytes(tree.root, state.tree.root);
    return isSame ? { ...state, tree } : state;
  }

  /** `names`: how many were read of `base`. */
  keep({ tree }: CommitResult, base: PublishedState, names: number): void {
    this.#names += names;
    // A bucket is read whole.
    const leaves = Math.min(tree.size, (tree.cut?.bucket ?? 0) * this.#names);
    // Of a map that is cut in another way than before, all was read.
    const isSmall = leaves <= MOST_LEAVES && tree.isCutAs(base.tree);
    [this.#tree, this.#names] = isSmall ? [tree, this.#names] : [undefined, 0];
  }
}
