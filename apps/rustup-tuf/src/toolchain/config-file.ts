// lib/rustlib/multirust-config.toml: which components an installed toolchain has, by package and target.
//
//   config_version = "1"
//
//   [[components]]
//   pkg = "cargo"
//   target = "x86_64-unknown-linux-gnu"
//   is_extension = false
//
// One that is for all targets, as rust-src, has the target `*`.

import { escapeText } from '@cargo-tuf/errors';
import { type Component, isTriple } from '@cargo-tuf/release-channel';
import { parse } from 'smol-toml';
import { fail } from '../errors.ts';

/** Throws `INSTALL_DAMAGED`; `file` is for its message. */
export function parseConfig(bytes: Uint8Array, file: string): readonly Component[] {
  const list = member(parseToml(bytes, file), 'components') ?? [];
  if (!Array.isArray(list)) throw damaged(file, 'components is no list');
  return list.map((each: unknown) => {
    const pkg = member(each, 'pkg');
    const target = member(each, 'target') ?? '*';
    if (typeof pkg !== 'string' || !/^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/.test(pkg))
      throw damaged(file, 'a component without a name');
    if (typeof target !== 'string' || !(target === '*' || isTriple(target)))
      throw damaged(file, `${escapeText(pkg)}: its target is no triple`);
    return { pkg, target };
  });
}

export function formatConfig(components: readonly Component[]): Uint8Array {
  const tables = components.map(
    ({ pkg, target }) => `
[[components]]
pkg = "${pkg}"
target = "${target}"
is_extension = false
`,
  );
  return new TextEncoder().encode(`config_version = "1"\n${tables.join('')}`);
}

function parseToml(bytes: Uint8Array, file: string): object {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(file, 'is not TOML', cause);
  }
}

function member(table: unknown, key: string): unknown {
  return typeof table === 'object' && table !== null && Object.hasOwn(table, key)
    ? (table as Record<string, unknown>)[key]
    : undefined;
}

function damaged(file: string, what: string, cause?: unknown): Error {
  return fail('INSTALL_DAMAGED', `${file}: ${what}`, { details: { local: true }, cause });
}
