// What is verified: a payload, an armored signature, and the certificates that are trusted.

import { createHash } from 'node:crypto';

export interface Input {
  readonly payload: Buffer;
  /** Armor. */
  readonly signature: string;
  /** Armor as text, packets as bytes. */
  readonly certificates: readonly (string | Buffer)[];
  readonly threshold: number;
}

/** Equal inputs have equal digests. */
export function digestOf({ payload, signature, certificates, threshold }: Input): string {
  const hash = createHash('sha256');
  for (const part of [payload, signature, ...certificates, String(threshold)]) {
    const bytes = Buffer.from(part as Buffer);
    hash.update(`${typeof part} ${bytes.length} `).update(bytes);
  }
  return hash.digest('hex');
}
