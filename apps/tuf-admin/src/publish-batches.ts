import { formatError, isTufError } from '@cargo-tuf/errors';
import type { Context } from './context.ts';
import type { SeenFiles } from './seen-files.ts';

/**
 * Runs `publish` every so many seconds until the program is told to end, and lets it end what it is at. What is refused is told of
 * once and tried again. `publish` is told whether something is about to expire, and gives when that is the case next, or
 * undefined where it published nothing.
 */
export async function publishInBatches(
  context: Context,
  seconds: number,
  seen: SeenFiles,
  publish: (isDue: boolean) => Promise<number | undefined>,
): Promise<void> {
  let renewAt = Number.NEGATIVE_INFINITY;
  let told = '';
  while (context.signal?.aborted !== true) {
    try {
      renewAt = (await publish(context.clock() >= renewAt)) ?? renewAt;
      seen.settle(true);
      told = '';
    } catch (error) {
      seen.settle(false);
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
