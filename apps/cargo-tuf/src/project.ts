import { readLockfile, type LockedPackage } from '@cargo-tuf/cargo-tuf-lib';
import { dirname } from 'node:path';
import { runCargo } from './cargo-process.ts';
import type { Context } from './context.ts';

/** The workspace that a command works on. */
export interface Project {
  /** Absolute path of the workspace's folder. */
  readonly folder: string;
  readonly lockfile: string;
  readonly floorFile: string;
  /** Undefined where there is no Cargo.lock yet. */
  readonly packages: readonly LockedPackage[] | undefined;
}

/** The workspace around the working folder, or undefined where there is none. Asks cargo, which asks nobody. */
export async function openProject(context: Context, manifestPath?: string): Promise<Project | undefined> {
  const args = ['locate-project', '--workspace', '--message-format', 'plain'];
  if (manifestPath !== undefined) args.push('--manifest-path', manifestPath);
  const { exitCode, stdout } = await runCargo(context, args, { capture: true, quiet: true });
  if (exitCode !== 0) return undefined;
  const folder = dirname(stdout.trim());
  const lockfile = `${folder}/Cargo.lock`;
  return { folder, lockfile, floorFile: `${folder}/Cargo.tuf.json`, packages: await readLockfile(lockfile) };
}
