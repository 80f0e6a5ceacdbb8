import { sha256, sha512 } from '@cargo-tuf/keys';
import { fail } from './errors.ts';

export type HashName = 'sha256' | 'sha512';

/** What is accepted where the caller says nothing. */
export const DEFAULT_HASHES: readonly HashName[] = ['sha256'];

/** RFC 4880, section 9.4. */
const NUMBERS: Readonly<Record<HashName, number>> = { sha256: 8, sha512: 10 };
const OTHERS: Readonly<Record<number, string>> = {
  1: 'MD5',
  2: 'SHA-1',
  3: 'RIPEMD-160',
  9: 'SHA-384',
  11: 'SHA-224',
};

export function hashNumber(name: HashName): number {
  return NUMBERS[name];
}

/** Throws `OPENPGP_HASH` unless `number` is one of `allowed`. */
export function hashOf(number: number, allowed: readonly HashName[]): HashName {
  const name = allowed.find(each => NUMBERS[each] === number);
  if (name !== undefined) return name;
  const found = number === NUMBERS.sha512 ? 'SHA-512' : (OTHERS[number] ?? `number ${number}`);
  throw fail('OPENPGP_HASH', `signature: hash ${found}, expected ${allowed.join(' or ')}`, {
    details: { hash: number, allowed },
  });
}

export function digest(name: HashName, parts: readonly Uint8Array[]): Uint8Array {
  return name === 'sha256' ? sha256(...parts) : sha512(...parts);
}
