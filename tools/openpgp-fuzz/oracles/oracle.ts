// Another implementation that says what it makes of an input.

import type { Input } from '../input.ts';

export interface Verdict {
  /** Key ids, 16 upper-case hex digits, of those whose signatures it found good; undefined where it refuses. */
  readonly signers: readonly string[] | undefined;
  readonly said: string;
}

export interface Oracle {
  readonly name: string;
  readonly version: string;
  /** Whom it names: the key that signed, which may be a subkey, or the certificate. */
  readonly names: 'key' | 'certificate';
  verify(input: Input): Promise<Verdict>;
  /** The fingerprint of the certificate, or undefined where it is refused. Not every oracle reads certificates alone. */
  readonly read?: (certificate: string | Buffer) => Promise<string | undefined>;
}
