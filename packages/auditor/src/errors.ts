import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  AUDIT_EVIDENCE: {
    kind: 'security',
    hint: 'do not act on this file: ask for the whole of it again, and for the root that the repository publishes',
  },
  AUDIT_ROOTS: {
    kind: 'malformed',
    hint: 'start the records of the monitor anew, in another folder; they do not lead on from this anchor',
  },
  AUDIT_NO_MAP: {
    kind: 'unsupported',
    hint: 'this repository does not serve its index as a map: there is nothing to follow',
  },
} as const;

export type AuditErrorCode = keyof typeof TABLE;

export const fail: (
  code: AuditErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<AuditErrorCode> = defineErrors(TABLE);
