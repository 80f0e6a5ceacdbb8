// | code                  | when                                                                              |
// |-----------------------|-----------------------------------------------------------------------------------|
// | GIT_NOT_FOUND         | there is no git program                                                             |
// | GIT_VERSION           | git is too old, or its SHA-1 does not detect collisions                             |
// | GIT_URL               | an address that git is not let loose on                                             |
// | GIT_REF_NAME          | a name of a ref, or a pattern of names, that is not of the grammar                  |
// | GIT_REPOSITORY        | the folder holds no repository, or already holds something                          |
// | GIT_REPOSITORY_UNSAFE | a repository that could run programs or lead elsewhere                              |
// | GIT_MISSING           | the repository lacks an object                                                      |
// | GIT_WRONG_ID          | the bytes of an object do not have its id                                           |
// | GIT_WRONG_TYPE        | an object of another type than expected                                             |
// | GIT_LIMIT             | more bytes, refs, commits or paths than allowed                                     |
// | GIT_TIMEOUT           | git did not end in time                                                             |
// | GIT_ABORTED           | the caller's signal fired                                                           |
// | GIT_COLLISION         | git found bytes of a collision attack on SHA-1                                      |
// | GIT_FAILED            | git ended with an error                                                             |
// | GIT_ANSWER            | git answered with something else than its documentation says                        |
// | GIT_REF_CONFLICT      | a ref has another value than the caller expected                                    |
// | GIT_PUSH_REJECTED     | the other side refused what was pushed                                              |
// | GIT_PATH              | a path that cannot stand in a tree, or that leads through a file                    |
// | GIT_CLOSED            | the repository was closed                                                           |

import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const table = {
  GIT_NOT_FOUND: { kind: 'unavailable', hint: 'install git 2.32 or later, or say where it is' },
  GIT_VERSION: { kind: 'unsupported', hint: 'install git 2.32 or later, as its project builds it' },
  GIT_URL: { kind: 'misuse', hint: 'give a plain https address without user name, query or fragment' },
  GIT_REF_NAME: { kind: 'misuse', hint: 'give the full name of a ref, such as refs/heads/main' },
  GIT_REPOSITORY: { kind: 'misuse', hint: 'give the folder of a repository, or an empty one to make it in' },
  GIT_REPOSITORY_UNSAFE: {
    kind: 'security',
    hint: 'make a fresh repository and fetch into it; do not run git in this one',
  },
  GIT_MISSING: { kind: 'unavailable', hint: 'fetch again; the repository is not complete' },
  GIT_WRONG_ID: { kind: 'security', hint: 'do not use this repository; check the disk, then fetch afresh' },
  GIT_WRONG_TYPE: { kind: 'malformed', hint: 'check which object is meant' },
  GIT_LIMIT: { kind: 'security', hint: 'raise the limit only if this much is expected' },
  GIT_TIMEOUT: { kind: 'unavailable', hint: 'try again later; the server or the disk is too slow' },
  GIT_ABORTED: { kind: 'unavailable', hint: 'start again when you want to' },
  GIT_COLLISION: {
    kind: 'security',
    hint: 'do not use this repository; somebody has prepared two contents for one id',
  },
  GIT_FAILED: { kind: 'unavailable', hint: 'read what git says, then try again' },
  GIT_ANSWER: { kind: 'unsupported', hint: 'use a git of the git project, 2.32 or later' },
  GIT_REF_CONFLICT: { kind: 'conflict', hint: 'read the ref again, then repeat the change' },
  GIT_PUSH_REJECTED: {
    kind: 'conflict',
    hint: 'fetch, look at what was published meanwhile, then push again',
  },
  GIT_WORK_TREE: {
    kind: 'misuse',
    hint: 'commit, stash or move away what stands in the working tree, then try again',
  },
  GIT_PATH: { kind: 'misuse', hint: 'give a path of names between slashes, without a slash at either end' },
  GIT_CLOSED: { kind: 'misuse', hint: 'open the repository again' },
} as const;

export type GitErrorCode = keyof typeof table;

export const fail: (code: GitErrorCode, message: string, options?: ErrorOptions) => TufError<GitErrorCode> =
  defineErrors(table);
