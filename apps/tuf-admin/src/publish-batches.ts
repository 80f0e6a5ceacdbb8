import { formatError, isTufError } from '@cargo-tuf/errors';
import type { Context } from './context.ts';

export interface Batches {
  /** Publishes what there is, and gives when something is about to expire; undefined where it published nothing. */
  readonly publish: (isDue: boolean) => Promise<number | undefined>;
  /** Called after a batch that was refused. */
  readonly refused: () => void;
}

/**
 * Publishes every so many seconds until the program is told to end, and lets it end what it is at. What is refused is told of once
 * and tried again.
 */
export async function publishInBatches(
  context: Context,
  seconds: number,
  { publish, refused }: Batches,
): Promise<void> {
  let renewAt = Number.NEGATIVE_INFINITY;
  let told = '';
  while (context.signal?.aborted !== true) {
    try {
      renewAt = (await publish(context.clock() >= renewAt)) ?? renewAt;
      told = '';
    } catch (error) {
      refused();
      if (!isTufError(error) || error.kind === 'internal') throw error;
      const text = formatError('tuf-admin', error);
      if (text !== told) context.stderr.write(text);
      told = text;
    }
    await wait(seconds * 1000, context.signal);
  }
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}
