import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  PROXY_PORT_TAKEN: {
    kind: 'conflict',
    hint: 'choose another port, or use the proxy that runs there if it is yours',
  },
  PROXY_SECRET_EXPOSED: {
    kind: 'security',
    hint: 'remove the file: another user may know the secret; the next run makes another one',
  },
  PROXY_SECRET_WRITE: { kind: 'unavailable', hint: 'make the folder writable for this user' },
  PROXY_NOT_OURS: {
    kind: 'security',
    hint: 'find out which program listens there; use another port until then',
  },
  PROXY_GONE: { kind: 'unavailable', hint: 'start the proxy again with `cargo tuf proxy --background`' },
  PROXY_NO_REGISTRY: {
    kind: 'misuse',
    hint: 'trust the registry with `cargo tuf trust add`, then start the proxy again',
  },
  PROXY_NO_RELEASES: {
    kind: 'misuse',
    hint: 'trust them with `cargo tuf trust add rust-releases`, then start the proxy again: `cargo tuf proxy --stop`',
  },
  PROXY_NO_ARCHIVE: {
    kind: 'security',
    hint: 'update the toolchain, then add the component again',
  },
  PROXY_LENGTH: { kind: 'security', hint: 'try again; if it stays, tell who serves the mirror' },
  PROXY_NO_CRATE: {
    kind: 'security',
    hint: 'compare Cargo.lock with its history, then run `cargo update`',
  },
  PROXY_ARGUMENT: { kind: 'misuse', hint: 'pass a value of the documented grammar' },
} as const;

export type ProxyErrorCode = keyof typeof TABLE;

export const fail: (
  code: ProxyErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<ProxyErrorCode> = defineErrors(TABLE);
