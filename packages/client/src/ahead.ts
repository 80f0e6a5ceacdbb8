import type { FetchOptions, Source } from './source.ts';

/** A source from which files can be asked for before their turn. What comes is handed to the first fetch of that path. */
export class SourceAhead implements Source {
  readonly #source: Source;
  readonly #begun: Map<string, Promise<Uint8Array | null>> = new Map();

  constructor(source: Source) {
    this.#source = source;
  }

  /** Errors wait for the fetch. What was begun or given already is not asked for again. */
  begin(path: string, options: FetchOptions): void {
    if (this.#begun.has(path)) return;
    const answer = this.#source.fetch(path, options);
    answer.catch(() => undefined);
    this.#begun.set(path, answer);
  }

  /** What the next fetch of a path gets. */
  give(path: string, bytes: Uint8Array): void {
    this.#begun.set(path, Promise.resolve(bytes));
  }

  /** What was begun for a path is not wanted any more. */
  forget(path: string): void {
    this.#begun.delete(path);
  }

  async fetch(path: string, options: FetchOptions): Promise<Uint8Array | null> {
    const begun = this.#begun.get(path);
    this.#begun.delete(path);
    return begun ?? this.#source.fetch(path, options);
  }

  reject(path: string, reason?: unknown): boolean {
    return this.#source.reject?.(path, reason) === true;
  }
}
