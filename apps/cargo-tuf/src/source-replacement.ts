// What tells cargo to take a registry from the proxy: on the command line for one run, or as lines of a configuration file.
//
//   [source.crates-io]
//   replace-with = "cargo-tuf-crates-io"
//   [registries.cargo-tuf-crates-io]
//   index = "sparse+http://127.0.0.1:47447/crates-io/index/"
//
// A third-party registry needs a source of its own first, so that there is something to replace:
//
//   [source.cargo-tuf-original-3f2a…]
//   registry = "sparse+https://crates.example/index/"
//   replace-with = "cargo-tuf-3f2a…"

import { CRATES_IO, type Registry, registrySlug, sourceUrl } from '@cargo-tuf/cargo-tuf-lib';
import { readCargoConfig } from './cargo-config.ts';
import type { Context } from './context.ts';
import { indexUrl } from './proxy-address.ts';
import { MANAGED_PREFIX } from './managed-source.ts';

/** Settings as dotted keys and string values, in order. */
function replacementSettings(
  registries: readonly Registry[],
  port: number,
  sourceNames: ReadonlyMap<string, string> = new Map(),
): readonly (readonly [string, string])[] {
  return registries.flatMap(registry => {
    const replacement = `${MANAGED_PREFIX}${registrySlug(registry.id)}`;
    const index = [`registries.${replacement}.index`, indexUrl(port, registry)] as const;
    if (registry.id === CRATES_IO) return [['source.crates-io.replace-with', replacement] as const, index];
    const url = sourceUrl(registry.id);
    const known = sourceNames.get(url);
    const source = known ?? `${MANAGED_PREFIX}original-${registrySlug(registry.id)}`;
    const original = known === undefined ? [[`source.${source}.registry`, url] as const] : [];
    return [...original, [`source.${quoteKey(source)}.replace-with`, replacement] as const, index];
  });
}

/** The settings as `--config` arguments. A source that the user has defined for the same URL is replaced by its name. */
export async function replacementArguments(
  context: Context,
  registries: readonly Registry[],
  port: number,
): Promise<readonly string[]> {
  const { sources } = await readCargoConfig(context);
  const names = new Map(
    sources.filter(each => each.key === 'registry').map(each => [each.value, each.source] as const),
  );
  return replacementSettings(registries, port, names).flatMap(([key, value]) => [
    '--config',
    `${key}="${value}"`,
  ]);
}

/** The settings as tables of a configuration file. */
export function replacementLines(registries: readonly Registry[], port: number): readonly string[] {
  const tables = new Map<string, string[]>();
  for (const [key, value] of replacementSettings(registries, port)) {
    const at = key.lastIndexOf('.');
    const table = key.slice(0, at);
    tables.set(table, [...(tables.get(table) ?? []), `${key.slice(at + 1)} = "${value}"`]);
  }
  return [...tables].flatMap(([table, lines]) => [`[${table}]`, ...lines]);
}

/** A key as TOML takes it: bare where it can be. */
function quoteKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : `'${name.replaceAll("'", '')}'`;
}
