// | code                | when                                                            |
// |---------------------|-----------------------------------------------------------------|
// | STORE_CONFLICT      | the state has another revision than the caller expected          |
// | STORE_LOCKED        | a live process holds the lock for longer than the caller waits    |
// | STORE_LOCK_LOST     | the lock was taken over while its holder stood still              |
// | STORE_READ_ONLY     | a change was asked of a store that was opened for reading         |
// | STORE_UNREADABLE    | the file system does not let us read                              |
// | STORE_UNWRITABLE    | the file system does not let us write                             |
// | STORE_NOT_A_FILE    | a link, a folder or a longer file stands where a file is expected |
// | STORE_UNSAFE_FOLDER | a link, a file or a folder of others stands where a folder is expected |
// | STORE_ARGUMENT      | a kind, hash, name or size outside of its grammar                 |
// | STORE_DAMAGED       | reported, never thrown: bytes on disk are not what was written    |

import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const table = {
  STORE_CONFLICT: { kind: 'conflict', hint: 'read the state again, then repeat the change' },
  STORE_LOCKED: { kind: 'conflict', hint: 'wait for the other program to finish, then try again' },
  STORE_LOCK_LOST: {
    kind: 'conflict',
    hint: 'try again; the machine or the program stood still for a long time',
  },
  STORE_READ_ONLY: { kind: 'misuse', hint: 'open the store without readOnly' },
  STORE_UNREADABLE: {
    kind: 'unavailable',
    hint: 'check the permissions of the folder and the health of the disk',
  },
  STORE_UNWRITABLE: {
    kind: 'unavailable',
    hint: 'check the permissions of the folder and the space on the disk',
  },
  STORE_NOT_A_FILE: { kind: 'malformed', hint: 'remove what stands at that path' },
  STORE_UNSAFE_FOLDER: {
    kind: 'misuse',
    hint: 'remove what stands at that path, or make the folder yours alone (mode 0700)',
  },
  STORE_ARGUMENT: { kind: 'misuse', hint: 'pass a value of the documented grammar' },
  STORE_DAMAGED: {
    kind: 'malformed',
    hint: 'refresh to fetch the document again; check the health of the disk',
  },
} as const;

export type StoreErrorCode = keyof typeof table;

export const fail: (
  code: StoreErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<StoreErrorCode> = defineErrors(table);
