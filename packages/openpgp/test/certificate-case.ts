// How the cases of certificates are written down.

import { certify, type Craft, craftCertificate, craftKey, packet, USER_ID } from './craft.ts';

export interface CertificateCase {
  readonly description: string;
  /** Packets in hex. */
  readonly certificate: string;
  readonly hashes?: readonly string[];
  readonly expect: string;
  readonly fingerprint?: string;
  readonly userIds?: readonly string[];
  readonly subkeys?: readonly string[];
  readonly revoked?: boolean;
}

export const owner = craftKey(1);
export const subkey = craftKey(2);
export const second = craftKey(3);
export const stranger = craftKey(9);
export const id = (key: { fingerprint: Buffer }) => key.fingerprint.toString('hex').toUpperCase();
export const plain = craftCertificate(owner);
export const head = packet(6, owner.body);

export function of(
  description: string,
  bytes: Buffer,
  expect: string,
  more: Partial<CertificateCase> = {},
): CertificateCase {
  return { description, certificate: bytes.toString('hex'), ...more, expect };
}

export const ok = (description: string, bytes: Buffer, more: Partial<CertificateCase> = {}) =>
  of(description, bytes, 'ok', {
    fingerprint: id(owner),
    userIds: [USER_ID],
    subkeys: [],
    revoked: false,
    ...more,
  });

export const selfSigned = (craft: Craft) =>
  Buffer.concat([head, packet(13, Buffer.from(USER_ID)), certify(owner, USER_ID, craft)]);
