import { openProgress } from '@cargo-tuf/command-line';
import {
  type CacheProblem,
  type CacheReport,
  type LockedPackage,
  type RegistrySnapshot,
  verifyCargoCaches,
} from '@cargo-tuf/cargo-tuf-lib';
import { escapeText } from '@cargo-tuf/errors';
import type { Context } from './context.ts';
import { fail } from './errors.ts';

/** Compares cargo's copies of the locked crates with what was signed; throws `APP_CACHE_TAMPERED` and names them. */
export async function checkCaches(
  context: Context,
  snapshot: RegistrySnapshot,
  locked: readonly LockedPackage[],
): Promise<void> {
  const { problems } = await reportCaches(context, snapshot, locked);
  if (problems.length === 0) return;
  throw fail('APP_CACHE_TAMPERED', `cargo's cache: ${problems.map(describeProblem).join('; ')}`, {
    details: { files: problems.map(problem => problem.path) },
  });
}

export async function reportCaches(
  context: Context,
  snapshot: RegistrySnapshot,
  locked: readonly LockedPackage[],
): Promise<CacheReport> {
  const progress = openProgress(context, 'Verifying cargo’s cache', locked.length);
  const crates = [];
  for (const { name, version } of locked) {
    const { cksum } = await snapshot.version(name, version);
    crates.push({
      name,
      version,
      checksum: cksum,
      archive: async () => (await snapshot.crate(name, version)).bytes,
    });
  }
  try {
    return await verifyCargoCaches(context.home.cargoHome, crates, done => progress.step(done, ''));
  } finally {
    progress.end();
  }
}

export function describeProblem(problem: CacheProblem): string {
  return `${escapeText(problem.path, 500)}: ${problem.problem}`;
}
