// | code                      | when                                                         |
// |---------------------------|--------------------------------------------------------------|
// | SIGNER_EXISTS             | a file stands where a key should be made                      |
// | SIGNER_MISSING            | no key file at that path                                      |
// | SIGNER_UNSAFE_FILE        | a link, no regular file, another user's, or readable by others |
// | SIGNER_UNREADABLE         | the file system does not let us read or write                 |
// | SIGNER_FORMAT             | not a PKCS#8 PEM file                                         |
// | SIGNER_SCHEME             | a key of a type that is not signed with                       |
// | SIGNER_PASSPHRASE_MISSING | an encrypted key and no passphrase                            |
// | SIGNER_PASSPHRASE_WRONG   | the passphrase does not open the key                          |
// | SIGNER_PASSPHRASE_UNUSED  | a passphrase for a key that is not encrypted                  |
// | SIGNER_AGENT_MISSING      | nobody listens where gpg-agent should, or there is no GnuPG   |
// | SIGNER_AGENT_KEY          | gpg-agent does not have the key                               |
// | SIGNER_AGENT_REFUSED      | gpg-agent has it and does not sign: no pinentry, or cancelled |
// | SIGNER_AGENT_ANSWER       | what gpg-agent says is not of its protocol                    |
// | SIGNER_DIGEST             | bytes that are no digest, for a signer that signs only those  |

import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const table = {
  SIGNER_EXISTS: { kind: 'misuse', hint: 'choose another path; a key is never overwritten' },
  SIGNER_MISSING: { kind: 'misuse', hint: 'check the path, or make a key first' },
  SIGNER_UNSAFE_FILE: { kind: 'misuse', hint: 'give the path of the file itself, and run chmod 600 on it' },
  SIGNER_UNREADABLE: { kind: 'unavailable', hint: 'check the permissions of the file and its folder' },
  SIGNER_FORMAT: {
    kind: 'malformed',
    hint: 'convert the key with: openssl pkcs8 -topk8 -in old.pem -out key.pem',
  },
  SIGNER_SCHEME: { kind: 'unsupported', hint: 'use an Ed25519, a P-256, a P-384 or an RSA key' },
  SIGNER_PASSPHRASE_MISSING: { kind: 'misuse', hint: 'give the passphrase of the key' },
  SIGNER_PASSPHRASE_WRONG: {
    kind: 'misuse',
    hint: 'type the passphrase again; a damaged file looks the same',
  },
  SIGNER_PASSPHRASE_UNUSED: { kind: 'misuse', hint: 'leave the passphrase out, or encrypt the key' },
  SIGNER_AGENT_MISSING: {
    kind: 'unavailable',
    hint: 'install GnuPG, set GNUPGHOME if its home is elsewhere, and run: gpgconf --launch gpg-agent',
  },
  SIGNER_AGENT_KEY: {
    kind: 'misuse',
    hint: 'look for the secret key with: gpg --list-secret-keys --with-keygrip; plug in the card that holds it',
  },
  SIGNER_AGENT_REFUSED: {
    kind: 'unavailable',
    hint: 'give the agent a terminal to ask on: export GPG_TTY=$(tty); or unlock the key first',
  },
  SIGNER_AGENT_ANSWER: {
    kind: 'unsupported',
    hint: 'check that the socket is that of a gpg-agent, 2.2 or later',
  },
  SIGNER_DIGEST: {
    kind: 'misuse',
    hint: 'sign OpenPGP data with a key of gpg-agent; for TUF metadata use a key file or its ssh socket',
  },
} as const;

export type SignerErrorCode = keyof typeof table;

export const fail: (
  code: SignerErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<SignerErrorCode> = defineErrors(table);
