import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  OPENPGP_ARMOR: { kind: 'malformed', hint: 'export it again with gpg --armor; send it as it is' },
  OPENPGP_ARMOR_TYPE: {
    kind: 'unsupported',
    hint: 'give a detached signature or a public key; messages and cleartext signatures are not read',
  },
  OPENPGP_ARMOR_CHECKSUM: { kind: 'malformed', hint: 'fetch it again; it was altered or cut on its way' },
  OPENPGP_LIMIT: { kind: 'malformed', hint: 'export a minimal key, or sign again; this is too large' },
  OPENPGP_TRUNCATED: { kind: 'malformed', hint: 'fetch it again; its end is missing' },
  OPENPGP_TRAILING: { kind: 'malformed', hint: 'remove what stands after the end' },
  OPENPGP_PACKET: { kind: 'malformed', hint: 'export it again with gpg; these bytes are no packet' },
  OPENPGP_PACKET_LENGTH: {
    kind: 'unsupported',
    hint: 'write packets with a length of one or two octets, as gpg does',
  },
  OPENPGP_PACKET_TYPE: {
    kind: 'unsupported',
    hint: 'leave out everything but the public key, its user ids and subkeys, and signatures',
  },
  OPENPGP_VERSION: { kind: 'unsupported', hint: 'use keys and signatures of version 4' },
  OPENPGP_ALGORITHM: {
    kind: 'unsupported',
    hint: 'use an Ed25519 key: gpg --quick-generate-key NAME ed25519',
  },
  OPENPGP_HASH: {
    kind: 'unsupported',
    hint: 'sign again with SHA-256: gpg --digest-algo SHA256 --cert-digest-algo SHA256',
  },
  OPENPGP_SIGNATURE_TYPE: {
    kind: 'unsupported',
    hint: 'make a detached binary signature: gpg --detach-sign',
  },
  OPENPGP_SUBPACKET: { kind: 'malformed', hint: 'sign again with gpg; the signature says something wrong' },
  OPENPGP_CRITICAL: { kind: 'unsupported', hint: 'sign again without critical subpackets or notations' },
  OPENPGP_MPI: { kind: 'malformed', hint: 'sign again; a number is not spelled in its one way' },
  OPENPGP_KEY: { kind: 'malformed', hint: 'export the key again; these bytes are no Ed25519 key' },
  OPENPGP_CERTIFICATE: {
    kind: 'malformed',
    hint: 'export one key: gpg --armor --export-options export-minimal --export FINGERPRINT',
  },
  OPENPGP_ISSUER: { kind: 'security', hint: 'sign again; the signature names another key than its own' },
  OPENPGP_HASH_PREFIX: {
    kind: 'security',
    hint: 'fetch it again; the signature or what it signs was altered',
  },
  OPENPGP_SIGNATURE: { kind: 'security', hint: 'fetch it again; the signature or what it signs was altered' },
  OPENPGP_SIGNATURE_COUNT: { kind: 'security', hint: 'give as many signatures as the threshold asks for' },
  OPENPGP_REPEATED_SIGNER: { kind: 'security', hint: 'have each of the signatures made by another key' },
  OPENPGP_UNKNOWN_KEY: { kind: 'security', hint: 'check who signed; none of the trusted keys did' },
  OPENPGP_SIGNATURE_TIME: { kind: 'security', hint: 'check the clocks of the signer and of this machine' },
  OPENPGP_SIGNATURE_EXPIRED: { kind: 'security', hint: 'have it signed again' },
  OPENPGP_KEY_TIME: { kind: 'security', hint: 'check your clock; the key was made later' },
  OPENPGP_KEY_EXPIRED: { kind: 'security', hint: 'have the key renewed or replaced by its owner' },
  OPENPGP_KEY_REVOKED: { kind: 'security', hint: 'trust another key; the owner has revoked this one' },
  OPENPGP_KEY_FLAGS: { kind: 'security', hint: 'sign with a key that is made for signing' },
  OPENPGP_USER_ID: { kind: 'security', hint: 'have the owner certify a user id of the key again' },
  OPENPGP_SUBKEY: {
    kind: 'security',
    hint: 'sign with the primary key, or with a subkey that both keys have bound',
  },
  OPENPGP_FINGERPRINT: { kind: 'security', hint: 'compare the fingerprint with the owner of the key' },
  OPENPGP_KEY_ID: { kind: 'malformed', hint: 'write openpgp: and the fingerprint, 40 upper-case hex digits' },
  OPENPGP_TIME: { kind: 'misuse', hint: 'give a time in milliseconds since 1970, before the year 2106' },
  OPENPGP_SIGNER: { kind: 'misuse', hint: 'give the signer of this certificate, with an Ed25519 key' },
} as const;

export type OpenPgpErrorCode = keyof typeof TABLE;

export const fail: (
  code: OpenPgpErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<OpenPgpErrorCode> = defineErrors(TABLE);
