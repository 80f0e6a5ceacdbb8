import type { Context } from '../context.ts';
import { fail } from '../errors.ts';

/** First use needs a person who compared, or a fingerprint that somebody compared before. */
export async function confirm(
  context: Context,
  fingerprint: string,
  stated: string | undefined,
): Promise<void> {
  if (stated !== undefined) {
    if (stated.toLowerCase().replaceAll(/[\s:]/g, '') === fingerprint) return;
    throw fail('APP_DECLINED', `fingerprint: ${fingerprint}, expected ${stated.slice(0, 200)}`);
  }
  if (context.ask === undefined) {
    throw fail(
      'APP_NO_TERMINAL',
      'trust: the first use of a root needs a yes at a terminal, and there is none',
    );
  }
  const answer = await context.ask(
    'Is this the fingerprint that the registry states? Type "yes" to trust it: ',
  );
  if (answer.trim() !== 'yes') throw fail('APP_DECLINED', 'trust: declined; nothing was changed');
}
