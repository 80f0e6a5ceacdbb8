import { lstatSync } from 'node:fs';

/**
 * Which files are as they were when they were published last: by size, times, inode and device. Whoever keeps all of these while the
 * content changes is not noticed; renaming a finished file into its place never does.
 */
export class SeenFiles {
  readonly #published = new Map<string, string>();

  /** What is taken counts as seen once it is published. */
  begin(): Taking {
    return new Taking(this.#published);
  }
}

/** The files of one batch. */
export class Taking {
  readonly #published: Map<string, string>;
  readonly #taken = new Map<string, string>();

  constructor(published: Map<string, string>) {
    this.#published = published;
  }

  /** True for a file that is new or was changed. */
  take(path: string): boolean {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    const state = stats && [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino, stats.dev].join(' ');
    if (state === undefined || this.#published.get(path) === state) return false;
    this.#taken.set(path, state);
    return true;
  }

  published(): void {
    for (const [path, state] of this.#taken) this.#published.set(path, state);
  }
}
