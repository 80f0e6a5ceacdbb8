// What the package makes of an input: the signers, or the code of its refusal. Anything else that is thrown is a crash.

import { parseCertificate, verifyDetached } from '@cargo-tuf/openpgp';
import type { Input } from './input.ts';

export interface Outcome {
  /** Fingerprints of the keys that signed and of their certificates; undefined where it is refused. */
  readonly signers: readonly { readonly key: string; readonly certificate: string }[] | undefined;
  /** Fingerprints of the certificates that were read, in order; undefined for one that was refused. */
  readonly read: readonly (string | undefined)[];
  readonly code: string;
}

export function verifyWithOurs(
  { payload, signature, certificates, threshold }: Input,
  time: number,
): Outcome {
  const opened = certificates.map(certificate => attempt(() => parseCertificate(certificate)));
  const read = opened.map(({ value }) => value?.fingerprint);
  const refused = opened.find(({ code }) => code !== 'ok');
  if (refused !== undefined) return { signers: undefined, read, code: refused.code };
  const trusted = opened.flatMap(({ value }) => value ?? []);
  const { value, code } = attempt(() => verifyDetached(payload, signature, trusted, { time, threshold }));
  const signers = value?.map(({ fingerprint, certificate }) => ({
    key: fingerprint,
    certificate: certificate.fingerprint,
  }));
  return { signers, read, code };
}

function attempt<T>(work: () => T): { readonly value: T | undefined; readonly code: string } {
  try {
    return { value: work(), code: 'ok' };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('OPENPGP_')) throw error;
    return { value: undefined, code };
  }
}
