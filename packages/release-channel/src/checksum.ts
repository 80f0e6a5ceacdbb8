// channel-rust-stable.toml.sha256: what rustup asks for first.
//
//   4fd6c08bd31780da2686821ff14e4c4a1cbe1e89d47b9f0f5cbbdf3ba1a3a0c6  channel-rust-stable.toml

import { fail } from './errors.ts';
import { CHANNEL_LIMITS } from './limits.ts';
import { encodeUtf8 } from './text.ts';

/** `sha256`: 64 hex digits; `name`: the last segment of the file's path. */
export function formatChecksum(sha256: string, name: string): Uint8Array {
  return encodeUtf8(`${sha256}  ${name}\n`);
}

/** The 64 hex digits. Throws `CHANNEL_CHECKSUM`. */
export function parseChecksum(bytes: Uint8Array): string {
  const text = bytes.length <= CHANNEL_LIMITS.checksumBytes ? String.fromCharCode(...bytes) : '';
  const [, sha256] = /^([0-9a-f]{64}) [ *][!-~]+\n?$/.exec(text) ?? [];
  if (sha256 !== undefined) return sha256;
  throw fail('CHANNEL_CHECKSUM', `checksum file: ${bytes.length} bytes, expected 64 hex digits and a name`);
}
