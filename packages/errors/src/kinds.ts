/**
 * What a failure means to the one who meets it.
 *
 * | kind          | meaning                                                        | try again       |
 * |---------------|----------------------------------------------------------------|-----------------|
 * | `security`    | signed or hashed data contradicts trust                        | no              |
 * | `malformed`   | the bytes are not the format                                   | no              |
 * | `unsupported` | well formed, but a version or scheme that is not spoken        | after an update |
 * | `unavailable` | network, missing file, time-out: could not tell                | yes             |
 * | `conflict`    | another process changed the state                              | once            |
 * | `misuse`      | the caller asked for something impossible                      | no              |
 * | `internal`    | a defect of this program                                       | no              |
 */
export type ErrorKind =
  | 'security'
  | 'malformed'
  | 'unsupported'
  | 'unavailable'
  | 'conflict'
  | 'misuse'
  | 'internal';
