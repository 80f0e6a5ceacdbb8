// Where ours accepts and another implementation refuses, and may: a rule of its own that the format does not have. Nothing
// else may differ, and each of these has an example, so that one that is gone is noticed.

import {
  armor,
  certify,
  craftCertificate,
  craftSignature,
  packet,
  PAYLOAD,
  T0,
  USER_ID,
} from '../../packages/openpgp/test/craft.ts';
import type { Input } from './input.ts';
import { keyOf } from './mutators/signed.ts';

export interface Difference {
  readonly oracle: string;
  readonly reason: string;
  /** What the oracle says. */
  readonly says: RegExp;
  /** `time`: seconds since 1970. */
  readonly example: (time: number) => Input;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    oracle: 'gpg',
    reason: 'armor without a checksum whose base64 needs no padding: the line END is read as base64',
    says: /invalid radix64 character 2D/,
    example: () => ({ ...inputOf({}), certificates: [withoutChecksum(wholeGroups())] }),
  },
  {
    oracle: 'sqv',
    reason:
      'a certificate is judged as of the signature: a self-signature that was made later does not count',
    says: /No binding signature at time/,
    example: () => renewedSince(),
  },
  {
    oracle: 'openpgp.js',
    reason:
      'a certificate is judged as of the signature: a self-signature that was made later does not count',
    says: /Could not find valid .*: Signature creation time is in the future/,
    example: () => renewedSince(),
  },
  {
    oracle: 'sqv',
    reason: "a clock that is behind the signer's by less than ten minutes",
    says: /was created after the --not-after date/,
    example: aMinuteAhead,
  },
  {
    oracle: 'openpgp.js',
    reason: "a clock that is behind the signer's by less than ten minutes",
    says: /^Error: Signature creation time is in the future/,
    example: aMinuteAhead,
  },
];

export function findDifference(oracle: string, said: string): Difference | undefined {
  return DIFFERENCES.find(each => each.oracle === oracle && each.says.test(said));
}

const key = keyOf(1);

function inputOf(craft: { readonly created?: number }): Input {
  const signature = armor('PGP SIGNATURE', packet(2, craftSignature(key, [PAYLOAD], craft)));
  return { payload: PAYLOAD, signature, certificates: [craftCertificate(key)], threshold: 1 };
}

/** The newest self-signature alone, as `gpg --export-options export-minimal` gives it. */
function renewedSince(): Input {
  return { ...inputOf({}), certificates: [certificateOf(USER_ID, T0 + 30 * 86_400)] };
}

function aMinuteAhead(time: number): Input {
  return inputOf({ created: Math.floor(time) + 60 });
}

function wholeGroups(): string {
  const certificates = ['', '.', '..'].map(more => certificateOf(`${USER_ID}${more}`, T0));
  return armor(
    'PGP PUBLIC KEY BLOCK',
    certificates.find(({ length }) => length % 3 === 0) ?? Buffer.alloc(0),
  );
}

function certificateOf(userId: string, created: number): Buffer {
  return Buffer.concat([
    packet(6, key.body),
    packet(13, Buffer.from(userId)),
    certify(key, userId, { created }),
  ]);
}

function withoutChecksum(text: string): string {
  return text.replace(/\n=.{4}\n/, '\n');
}
