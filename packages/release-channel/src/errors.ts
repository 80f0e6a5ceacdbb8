import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  CHANNEL_MANIFEST: {
    kind: 'malformed',
    hint: 'take the manifest from its publisher again, as `channel-rust-stable.toml` is made',
  },
  CHANNEL_MANIFEST_VERSION: {
    kind: 'unsupported',
    hint: 'update cargo-tuf, or use a release of these years',
  },
  CHANNEL_TOOLCHAIN: {
    kind: 'misuse',
    hint: 'name it as rustup does: stable, beta, nightly, nightly-2026-11-20, 1.95.0, a target triple after it',
  },
  CHANNEL_COMPONENT: { kind: 'misuse', hint: 'the manifest lists what there is: `rustup-tuf list`' },
  CHANNEL_CHECKSUM: { kind: 'malformed', hint: 'a checksum file has 64 hex digits and a file name' },
  CHANNEL_RUSTUP: { kind: 'malformed', hint: 'take release-stable.toml from its publisher again' },
} as const;

export type ChannelErrorCode = keyof typeof TABLE;

export const fail: (
  code: ChannelErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<ChannelErrorCode> = defineErrors(TABLE);
