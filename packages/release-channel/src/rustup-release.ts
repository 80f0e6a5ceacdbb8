// rustup/release-stable.toml: the newest rustup.
//
//   schema-version = '1'
//   version = '1.29.0'

import { escapeText } from '@cargo-tuf/errors';
import { parse, TomlError } from 'smol-toml';
import { fail } from './errors.ts';
import { memberOf, type Table } from './fields.ts';
import { CHANNEL_LIMITS } from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';

/** The target that names the newest rustup. */
export const RUSTUP_RELEASE = 'rustup/release-stable.toml';

const VERSION = /^(?:0|[1-9]\d{0,3})\.(?:0|[1-9]\d{0,3})\.(?:0|[1-9]\d{0,3})$/;

/** The version that it names, as "1.29.0". Throws `CHANNEL_RUSTUP`. */
export function parseRustupRelease(bytes: Uint8Array): string {
  const table = parseToml(bytes);
  const schema = memberOf(table, 'schema-version');
  if (schema !== '1') throw refuse(`schema-version, expected '1'`);
  const version = memberOf(table, 'version');
  if (typeof version === 'string' && VERSION.test(version)) return version;
  throw refuse('version, expected one as 1.29.0');
}

/** Throws `CHANNEL_RUSTUP` for what is no version. */
export function formatRustupRelease(version: string): Uint8Array {
  if (!VERSION.test(version)) throw refuse(`version "${escapeText(version, 40)}", expected one as 1.29.0`);
  return encodeUtf8(`schema-version = '1'\nversion = '${version}'\n`);
}

/** The installer of a version for a machine: "rustup/archive/1.29.0/x86_64-unknown-linux-gnu/rustup-init". */
export function rustupInitPath(version: string, host: string): string {
  return `rustup/archive/${version}/${host}/rustup-init${host.includes('-windows-') ? '.exe' : ''}`;
}

function parseToml(bytes: Uint8Array): Table {
  try {
    if (bytes.length > CHANNEL_LIMITS.rustupBytes) throw new TypeError('too long');
    return parse(decodeUtf8(bytes));
  } catch (cause) {
    if (!(cause instanceof TomlError) && !(cause instanceof TypeError)) throw cause;
    throw fail('CHANNEL_RUSTUP', 'release-stable.toml: not TOML', { cause });
  }
}

function refuse(what: string): Error {
  return fail('CHANNEL_RUSTUP', `release-stable.toml: ${what}`);
}
