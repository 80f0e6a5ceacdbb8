import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  KEY_LENGTH: { kind: 'malformed', hint: 'give the key as the bytes that its scheme defines' },
  KEY_POINT: { kind: 'malformed', hint: 'export the key again; these bytes are no point of its curve' },
  KEY_LOW_ORDER: { kind: 'security', hint: 'do not use this key: anybody can make signatures for it' },
  KEY_SPKI: { kind: 'malformed', hint: 'export the key as PEM, "BEGIN PUBLIC KEY"' },
  KEY_UNSUPPORTED: {
    kind: 'unsupported',
    hint: 'use an Ed25519, an ECDSA or an RSA-PSS key, or update this program',
  },
  KEY_RSA: { kind: 'malformed', hint: 'export the key again; these bytes are no RSA public key' },
  KEY_HEX: { kind: 'malformed', hint: 'write lower-case hex digits, two a byte' },
  KEY_SIGNER_WRONG: { kind: 'security', hint: 'check which key the signer uses; its signature was not kept' },
  KEY_NO_CRYPTO: { kind: 'unsupported', hint: 'run this on Node, or give a signer of your own' },
} as const;

export type KeyErrorCode = keyof typeof TABLE;

export const fail: (code: KeyErrorCode, message: string, options?: ErrorOptions) => TufError<KeyErrorCode> =
  defineErrors(TABLE);
