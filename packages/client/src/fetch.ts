import { isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import type { AbortSignal, Source } from './source.ts';

/**
 * Fetches a file that must be there and accepts it; goes from mirror to mirror until one serves a file that `accept`
 * takes, and throws the last mirror's error when none does. `expected` says why the file must be there.
 */
export async function fetchAccepted<T>(
  source: Source,
  path: string,
  maxLength: number,
  expected: string,
  accept: (bytes: Uint8Array) => T,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const bytes = await source.fetch(path, { maxLength, ...(signal && { signal }) });
    try {
      if (bytes === null) {
        throw fail(
          'CLIENT_MISSING',
          `${path}: the mirror says that it does not exist, expected it: ${expected}`,
          {
            details: { path },
          },
        );
      }
      return accept(bytes);
    } catch (error) {
      if (!isTufError(error) || source.reject?.(path, error) !== true) throw error;
    }
  }
}

/** Runs `work` over `items`, at most `parallel` at once; the first error stops the rest. */
export async function eachInParallel<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const run = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = parallel >= 1 ? Math.min(parallel, items.length) : 1;
  await Promise.all(Array.from({ length: workers }, run));
}
