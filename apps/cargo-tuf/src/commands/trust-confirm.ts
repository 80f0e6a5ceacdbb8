import { confirmFingerprint } from '@cargo-tuf/command-line';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';

/** Asks for a fingerprint, or compares it with the one that was stated. */
export function confirm({ ask }: Context, fingerprint: string, stated: string | undefined): Promise<void> {
  return confirmFingerprint({
    fingerprint,
    stated,
    from: 'the registry',
    ask,
    declined: message => fail('APP_DECLINED', message),
    noTerminal: message => fail('APP_NO_TERMINAL', message),
  });
}
