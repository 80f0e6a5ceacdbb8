import { isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import type { LockedPackage } from './lockfile.ts';
import type { RegistrySnapshot, VerifiedCrate } from './registry-snapshot.ts';

export interface LockedProgress {
  readonly done: number;
  readonly total: number;
  readonly crate: string;
}

/** Archives fetched at once. */
const PARALLEL = 8;

/**
 * Checks that a snapshot knows every locked crate by the locked checksum: `LIB_LOCK_CHECKSUM` names both when they differ,
 * `LIB_NO_CRATE` when the index has no such version.
 */
export async function verifyLockedChecksums(
  snapshot: RegistrySnapshot,
  packages: readonly LockedPackage[],
): Promise<void> {
  await snapshot.entries(packages.map(each => each.name));
  for (const { name, version, checksum } of packages) {
    const { cksum } = await snapshot.version(name, version);
    if (checksum === undefined || checksum === cksum) continue;
    throw fail(
      'LIB_LOCK_CHECKSUM',
      `${name} ${version}: Cargo.lock says ${checksum}, expected ${cksum} as the signed index says`,
      {
        details: { crate: name, version, locked: checksum, expected: cksum },
      },
    );
  }
}

/** Brings every locked crate's verified archive onto this machine. */
export async function fetchLockedCrates(
  snapshot: RegistrySnapshot,
  packages: readonly LockedPackage[],
  onProgress?: (progress: LockedProgress) => void,
): Promise<readonly VerifiedCrate[]> {
  await verifyLockedChecksums(snapshot, packages);
  const crates: VerifiedCrate[] = [];
  const queue = [...packages];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      crates.push(await snapshot.crate(next.name, next.version));
      done += 1;
      onProgress?.({ done, total: packages.length, crate: next.name });
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, packages.length) }, work));
  return crates;
}

/**
 * Brings the entries of whatever these crates may depend on onto this machine, level by level. Cargo asks for them one
 * after the other, and only when it has parsed the one before. Errors wait for cargo to ask for that crate. `seen` carries the
 * names that were visited from one call to the next.
 */
export async function prefetchClosure(
  snapshot: RegistrySnapshot,
  names: readonly string[],
  seen: Set<string> = new Set(),
): Promise<void> {
  let level = [...new Set(names.map(name => name.toLowerCase()))].filter(name => !seen.has(name));
  while (level.length > 0) {
    for (const name of level) seen.add(name);
    const next = new Set<string>();
    for (const entry of await entriesOrNone(snapshot, level)) {
      for (const dependency of newestDependencies(entry)) if (!seen.has(dependency)) next.add(dependency);
    }
    level = [...next].filter(name => !seen.has(name)).slice(0, Math.max(0, CLOSURE_NAMES - seen.size));
  }
}

/** Names that one prefetch visits: a signed index can be vast, a build is not. */
const CLOSURE_NAMES = 5_000;

type Entry = NonNullable<Awaited<ReturnType<RegistrySnapshot['entry']>>>;

async function entriesOrNone(
  snapshot: RegistrySnapshot,
  names: readonly string[],
): Promise<readonly Entry[]> {
  try {
    return [...(await snapshot.entries(names)).values()].filter(entry => entry !== undefined);
  } catch (error) {
    if (!isTufError(error)) throw error;
    // One crate that is refused must not cost the others; a mirror that is gone costs them anyway.
    if (error.kind === 'unavailable' || names.length === 1) return [];
    const middle = Math.ceil(names.length / 2);
    return [
      ...(await entriesOrNone(snapshot, names.slice(0, middle))),
      ...(await entriesOrNone(snapshot, names.slice(middle))),
    ];
  }
}

/** What the newest version that is not yanked always needs to be built: most resolutions take that one. */
function newestDependencies(entry: Entry): readonly string[] {
  const newest = entry.versions.findLast(version => !version.yanked);
  return (newest?.deps ?? [])
    .filter(each => each.kind !== 'dev' && !each.optional && each.registry === undefined)
    .map(dependency => (dependency.package ?? dependency.name).toLowerCase());
}
