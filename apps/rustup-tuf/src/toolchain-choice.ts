import { stat } from 'node:fs/promises';
import { fail } from './errors.ts';
import type { Context } from './context.ts';
import { type ActiveToolchain, requireActive } from './home/active-toolchain.ts';
import { hostTriple } from './home/host.ts';
import { readSettings } from './home/settings.ts';
import { parseRelease, type Release, releaseOf } from './home/toolchain-name.ts';
import { type InstalledToolchain, readInstalled } from './toolchain/installed.ts';

/** Releases by their names on the command line. Throws `CHANNEL_TOOLCHAIN`. */
export async function releasesNamed(context: Context, names: readonly string[]): Promise<readonly Release[]> {
  const host = await hostOf(context);
  return names.map(name => parseRelease(name, host));
}

export async function hostOf(context: Context): Promise<string> {
  return hostTriple(context, (await readSettings(context.rustup)).defaultHost);
}

export interface ChosenToolchain {
  readonly release: Release;
  readonly installed: InstalledToolchain;
}

/** What `--toolchain` says, else the active one. Throws `INSTALL_MISSING`, `CHANNEL_TOOLCHAIN` for one that was linked. */
export async function chooseInstalled(
  context: Context,
  stated: string | undefined,
): Promise<ChosenToolchain> {
  const { name } = await requireActive(context, stated);
  const release = releaseOf(name) ?? parseRelease(name, await hostOf(context));
  return { release, installed: await requireInstalled(context, release.name) };
}

/** Throws `INSTALL_MISSING`. */
export async function requireInstalled(context: Context, name: string): Promise<InstalledToolchain> {
  const installed = await readInstalled(context.rustup, name);
  if (installed !== undefined) return installed;
  throw fail('INSTALL_MISSING', `toolchain: ${name} is not installed`);
}

/** A toolchain whose folder is there, linked ones too. Throws `INSTALL_MISSING`. */
export async function requireFolder(active: ActiveToolchain): Promise<ActiveToolchain> {
  const status = await stat(active.folder).catch(() => undefined);
  if (status?.isDirectory() === true) return active;
  throw fail('INSTALL_MISSING', `toolchain: ${active.name} is not installed (${active.reason})`);
}
