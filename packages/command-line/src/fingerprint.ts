import type { TufError } from '@cargo-tuf/errors';

/** Eight groups of eight digits: people compare group by group. */
export function groupDigits(fingerprint: string): string {
  return fingerprint.match(/.{8}/g)?.join(' ') ?? fingerprint;
}

export interface Confirmation {
  /** 64 hex digits. */
  readonly fingerprint: string;
  /** What somebody compared before, in place of the question: with spaces and colons as it was written down. */
  readonly stated: string | undefined;
  /** Who states it: "the registry". */
  readonly from: string;
  /** Asks at the terminal; undefined where there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** The errors of the program. */
  declined(message: string): TufError;
  noTerminal(message: string): TufError;
}

/** First use needs a person who compared, or a fingerprint that somebody compared before. */
export async function confirmFingerprint(confirmation: Confirmation): Promise<void> {
  const { fingerprint, stated, from, ask } = confirmation;
  if (stated !== undefined) {
    if (stated.toLowerCase().replaceAll(/[\s:]/g, '') === fingerprint) return;
    throw confirmation.declined(`fingerprint: ${fingerprint}, expected ${stated.slice(0, 200)}`);
  }
  if (ask === undefined)
    throw confirmation.noTerminal(
      'trust: a root needs a yes at a terminal before it is used, and there is none',
    );
  const answer = await ask(`Is this the fingerprint that ${from} states? Type "yes" to trust it: `);
  if (answer.trim() !== 'yes') throw confirmation.declined('trust: declined; nothing was changed');
}
