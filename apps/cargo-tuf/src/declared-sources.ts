import { parseRegistryId, type TrustAnchor } from '@cargo-tuf/cargo-tuf-lib';
import { isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import { isTufError } from '@cargo-tuf/errors';
import { runCargo } from './cargo-process.ts';
import type { Context } from './context.ts';

const LIMITS = { depth: 64, members: 1_000_000, nodes: 10_000_000, stringBytes: 1_048_576 };

/**
 * Sources that the manifests of the workspace name themselves and that no anchor vouches for: cargo would ask them before
 * there is a Cargo.lock to look at. Asks cargo, offline.
 */
export async function declaredSources(
  context: Context,
  anchors: readonly TrustAnchor[],
  manifestPath: string | undefined,
): Promise<ReadonlyMap<string, number>> {
  const args = ['metadata', '--no-deps', '--offline', '--format-version', '1'];
  if (manifestPath !== undefined) args.push('--manifest-path', manifestPath);
  const { exitCode, stdout } = await runCargo(context, args, { capture: true, quiet: true });
  const unsigned = new Map<string, number>();
  if (exitCode !== 0) return unsigned;
  const trusted = new Set<string>(anchors.map(anchor => anchor.registry));
  for (const source of dependencySources(parseJson(new TextEncoder().encode(stdout), LIMITS))) {
    const name = nameOf(source);
    if (!trusted.has(name)) {
      const shown = name.startsWith('git+') ? name.replace(/[?#].*$/s, '') : name;
      unsigned.set(shown, (unsigned.get(shown) ?? 0) + 1);
    }
  }
  return unsigned;
}

function nameOf(source: string): string {
  try {
    return parseRegistryId(source);
  } catch (error) {
    if (isTufError(error)) return source;
    throw error;
  }
}

function* dependencySources(metadata: JsonValue): Iterable<string> {
  const packages = isJsonObject(metadata) ? metadata.get('packages') : undefined;
  for (const each of Array.isArray(packages) ? packages : []) {
    const dependencies: JsonValue | undefined = isJsonObject(each) ? each.get('dependencies') : undefined;
    for (const dependency of Array.isArray(dependencies) ? dependencies : []) {
      const source = isJsonObject(dependency) ? dependency.get('source') : undefined;
      if (typeof source === 'string') yield source;
    }
  }
}
