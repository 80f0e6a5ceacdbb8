import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  INDEX_NAME: {
    kind: 'malformed',
    hint: 'use 1 to 64 of A-Z a-z 0-9 _ -, a letter first, and no name that Windows reserves',
  },
  INDEX_PATH: { kind: 'malformed', hint: 'use the path that cargo uses for the crate: it/oa/itoa' },
  INDEX_VERSION: {
    kind: 'malformed',
    hint: 'write a Semantic Versioning 2.0.0 version of at most 150 characters',
  },
  INDEX_REQUIREMENT: {
    kind: 'malformed',
    hint: 'write a version requirement that cargo understands: "1.2", ">=1, <3"',
  },
  INDEX_LINE: { kind: 'malformed', hint: 'write one JSON object on each line of the entry' },
  INDEX_FIELD: { kind: 'malformed', hint: "write the field as cargo's registry index format says" },
  INDEX_WRONG_CRATE: {
    kind: 'security',
    hint: 'the index entry is about another crate; report it to the registry',
  },
  INDEX_DUPLICATE: {
    kind: 'security',
    hint: 'the index entry lists a version twice; report it to the registry',
  },
  INDEX_LIMIT: {
    kind: 'malformed',
    hint: 'report the index entry to the registry: it is larger than any real one',
  },
  INDEX_CONFIG: { kind: 'malformed', hint: 'write config.json as {"dl":"https://…","api":"https://…"}' },
  INDEX_TEMPLATE: {
    kind: 'malformed',
    hint: 'use an http or https URL with {crate} {version} {prefix} {lowerprefix} {sha256-checksum} in its path',
  },
  INDEX_MANIFEST: {
    kind: 'malformed',
    hint: 'package the crate again with cargo: its Cargo.toml is not normalised',
  },
} as const;

export type IndexErrorCode = keyof typeof TABLE;

export const fail: (
  code: IndexErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<IndexErrorCode> = defineErrors(TABLE);
