// Where the packages of a project come from. What has no anchor is not verified by anybody, so it is refused unless the
// user allows it by name.

import {
  formatRegistryId,
  type LockedPackage,
  parseRegistryId,
  type RegistryId,
  type TrustAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import type { Context } from './context.ts';
import { say } from './context.ts';
import { fail } from './errors.ts';

export interface SortedSources {
  /** Locked packages by the registry that vouches for them. */
  readonly byRegistry: ReadonlyMap<RegistryId, readonly LockedPackage[]>;
  /** Sources without an anchor, and how many packages come from each. */
  readonly unsigned: ReadonlyMap<string, number>;
}

export function sortSources(
  packages: readonly LockedPackage[],
  anchors: readonly TrustAnchor[],
): SortedSources {
  const trusted = new Set(anchors.map(anchor => anchor.registry));
  const byRegistry = new Map<RegistryId, LockedPackage[]>();
  const unsigned = new Map<string, number>();
  for (const each of packages) {
    if (each.source === undefined) continue;
    const registry = registryOf(each.source);
    if (registry !== undefined && trusted.has(registry)) {
      byRegistry.set(registry, [...(byRegistry.get(registry) ?? []), each]);
    } else {
      const name = nameOf(each.source);
      unsigned.set(name, (unsigned.get(name) ?? 0) + 1);
    }
  }
  return { byRegistry, unsigned };
}

/** Refuses sources without an anchor that are not allowed by name, and says which ones are let through. */
export function assertSources(
  context: Context,
  unsigned: ReadonlyMap<string, number>,
  allowed: readonly string[],
): void {
  const names = [...allowed, ...disabledRegistries(context)];
  const refused: string[] = [];
  for (const [source, count] of unsigned) {
    const line = `${escapeText(source, 500)} (${count} ${count === 1 ? 'package' : 'packages'})`;
    if (names.some(name => source === name || source === safeName(name))) {
      say(context, `warning: not verified, allowed by name: ${line}`);
    } else refused.push(line);
  }
  if (refused.length === 0) return;
  throw fail('APP_UNSIGNED_SOURCE', `sources: no anchor vouches for ${refused.join(', ')}`, {
    details: { sources: refused },
  });
}

/**
 * Third-party registries that CARGO_TUF_DISABLE names, separated by commas. It never covers crates.io or a registry that
 * has an anchor: those never reach the list of unsigned sources, and crates.io is refused here.
 */
function disabledRegistries(context: Context): readonly string[] {
  const names = (context.environment['CARGO_TUF_DISABLE'] ?? '').split(',').filter(name => name !== '');
  for (const name of names) {
    if (safeName(name) === 'crates-io') {
      say(context, 'warning: CARGO_TUF_DISABLE names crates-io, which it never covers');
    }
  }
  return names.filter(name => safeName(name) !== 'crates-io');
}

/** `git+https://host/repo?branch=main#<commit>` is allowed as `git+https://host/repo`. */
function nameOf(source: string): string {
  if (source.startsWith('git+')) return source.replace(/[?#].*$/s, '');
  const registry = registryOf(source);
  return registry === undefined ? source : formatRegistryId(registry);
}

function safeName(name: string): string {
  const registry = registryOf(name);
  return registry === undefined ? name : formatRegistryId(registry);
}

function registryOf(source: string): RegistryId | undefined {
  try {
    return parseRegistryId(source);
  } catch (error) {
    if (isTufError(error)) return undefined;
    throw error;
  }
}
