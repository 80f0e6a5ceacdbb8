import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  PROXY_PORT_TAKEN: { kind: 'conflict', hint: 'choose another port, or use the proxy that runs there if it is yours' },
  PROXY_SECRET_EXPOSED: {
    kind: 'misuse',
    hint: 'remove the file: another user may know the secret; the next run makes another one',
  },
  PROXY_NOT_OURS: { kind: 'security', hint: 'find out which program listens there; use another port until then' },
  PROXY_ARGUMENT: { kind: 'misuse', hint: 'pass a value of the documented grammar' },
  PROXY_DEFECT: { kind: 'internal', hint: 'report this defect with the lines above it' },
} as const;

export type ProxyErrorCode = keyof typeof TABLE;

export const fail: (
  code: ProxyErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<ProxyErrorCode> = defineErrors(TABLE);
