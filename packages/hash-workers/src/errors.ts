import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  WORKER_ENDED: { kind: 'internal', hint: 'report it, with the message; fewer workers may avoid it' },
} as const;

export type WorkerErrorCode = keyof typeof TABLE;

export const fail: (
  code: WorkerErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<WorkerErrorCode> = defineErrors(TABLE);
