// | code                        | when                                                                     |
// |-----------------------------|--------------------------------------------------------------------------|
// | GIT_OBJECT_COLLISION        | bytes of a known collision attack on SHA-1                                 |
// | GIT_OBJECT_ID               | text that is no object id of the repository's format                       |
// | GIT_OBJECT_LIMIT            | an object beyond a limit                                                   |
// | GIT_OBJECT_LENGTH           | other bytes hashed than the header of the object announced                 |
// | GIT_OBJECT_HEADER           | a header missing, repeated, out of order, unknown or not of the grammar    |
// | GIT_OBJECT_IDENTITY         | an author, committer or tagger that is not of the grammar                  |
// | GIT_OBJECT_MESSAGE          | a NUL in a message                                                         |
// | GIT_OBJECT_SIGNATURE        | a signature that is not one armored block                                  |
// | GIT_OBJECT_SIGNATURE_TWICE  | more than one signature header, or block                                   |
// | GIT_OBJECT_SIGNATURE_FORMAT | a signature header that belongs to the other object format                 |
// | GIT_OBJECT_TAG              | a tag's name or type that is not of the grammar                            |
// | GIT_OBJECT_TREE_ENTRY       | an entry of a tree with a mode, name or id that is not of the grammar      |
// | GIT_OBJECT_TREE_ORDER       | entries of a tree out of order, or twice                                   |

import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const table = {
  GIT_OBJECT_COLLISION: {
    kind: 'security',
    hint: 'do not use this repository; keep the object as evidence and tell its operator',
  },
  GIT_OBJECT_ID: {
    kind: 'malformed',
    hint: 'write the full id in lower-case hex digits: 40 in a SHA-1 repository, 64 in a SHA-256 repository',
  },
  GIT_OBJECT_LIMIT: { kind: 'malformed', hint: 'raise the limit if an object of this size is expected' },
  GIT_OBJECT_LENGTH: { kind: 'malformed', hint: 'read the object again; it is shorter or longer than said' },
  GIT_OBJECT_HEADER: { kind: 'malformed', hint: 'make the object with git commit or git tag' },
  GIT_OBJECT_IDENTITY: {
    kind: 'malformed',
    hint: 'set user.name, user.email and the date as git writes them',
  },
  GIT_OBJECT_MESSAGE: { kind: 'malformed', hint: 'write the message without NUL characters' },
  GIT_OBJECT_SIGNATURE: { kind: 'malformed', hint: 'sign the object again with one armored signature' },
  GIT_OBJECT_SIGNATURE_TWICE: {
    kind: 'security',
    hint: 'refuse this object: readers disagree on which of its signatures counts',
  },
  GIT_OBJECT_SIGNATURE_FORMAT: {
    kind: 'security',
    hint: 'refuse this object: git leaves this header out of what the signature covers',
  },
  GIT_OBJECT_TAG: { kind: 'malformed', hint: 'name the tag as git check-ref-format allows' },
  GIT_OBJECT_TREE_ENTRY: { kind: 'malformed', hint: 'make the tree with git; run git fsck for details' },
  GIT_OBJECT_TREE_ORDER: { kind: 'malformed', hint: 'make the tree with git; run git fsck for details' },
} as const;

export type GitObjectErrorCode = keyof typeof table;

export const fail: (
  code: GitObjectErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<GitObjectErrorCode> = defineErrors(table);
