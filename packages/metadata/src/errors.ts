import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  METADATA_SHAPE: {
    kind: 'malformed',
    hint: 'write the metadata again as the TUF specification 1.0.34 says',
  },
  METADATA_FORMAT: {
    kind: 'malformed',
    hint: 'say in the trust anchor whether the repository is JSON or DSSE; a format is never guessed',
  },
  METADATA_TOML: {
    kind: 'malformed',
    hint: 'write TOML 1.0 of strings, decimal integers, true, false, arrays and tables, with line feeds',
  },
  METADATA_LIMIT: { kind: 'malformed', hint: 'delegate to several roles instead of writing one long list' },
  METADATA_DUPLICATE: { kind: 'malformed', hint: 'name each key id and each role once' },
  METADATA_NAME: { kind: 'malformed', hint: 'give the delegated role another name' },
  METADATA_KEY: {
    kind: 'malformed',
    hint: 'export the public key again, under the scheme that it is made for',
  },
  METADATA_TIME: { kind: 'malformed', hint: 'write times as YYYY-MM-DDTHH:MM:SSZ' },
  METADATA_SPEC_VERSION: {
    kind: 'unsupported',
    hint: 'update this program, or publish with specification 1.x',
  },
  METADATA_INDEX_KIND: { kind: 'unsupported', hint: 'update this program' },
  METADATA_THRESHOLD: {
    kind: 'security',
    hint: 'do not use this file; ask the repository for one that enough keys signed',
  },
  METADATA_TYPE: {
    kind: 'security',
    hint: 'do not use this mirror; it serves one role in the place of another',
  },
  METADATA_LENGTH: {
    kind: 'security',
    hint: 'try another mirror; these bytes are not those that were signed',
  },
  METADATA_HASH: { kind: 'security', hint: 'try another mirror; these bytes are not those that were signed' },
  METADATA_PATH: {
    kind: 'malformed',
    hint: 'name the target by a relative path without empty or dot segments',
  },
  METADATA_SIGNER: { kind: 'misuse', hint: 'sign once with each key, and at least one' },
  METADATA_BUNDLE: { kind: 'malformed', hint: 'fetch the file again, or from another mirror' },
  METADATA_ENVELOPE: { kind: 'misuse', hint: 'verify what parseEnvelope returned, unchanged' },
} as const;

export type MetadataErrorCode = keyof typeof TABLE;

export const fail: (
  code: MetadataErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<MetadataErrorCode> = defineErrors(TABLE);
