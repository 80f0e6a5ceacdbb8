// Components and targets of an installed toolchain, from the signed manifest that it comes from: adding one does not update the rest.

import { print, printJson } from '@cargo-tuf/command-line';
import { componentName, listComponents } from '@cargo-tuf/release-channel';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { withReleases } from './releases.ts';
import { report } from './reports.ts';
import { type ChosenToolchain, chooseInstalled } from './toolchain-choice.ts';
import { type ChangeWish, changeToolchain } from './toolchain/change.ts';
import { namesOf } from './toolchain/installed.ts';
import { ToolchainState } from './toolchain/state.ts';
import { type ComponentWish, selectWished, selectWithout } from './wishes.ts';

export interface ToolchainOption {
  readonly toolchain?: string;
  readonly json?: boolean;
}

export async function addComponents(
  context: Context,
  wish: ComponentWish,
  options: ToolchainOption,
): Promise<void> {
  await change(context, options, ({ release }, { manifest }) => ({
    select: installed => selectWished(manifest, release.host, wish, installed),
  }));
}

export async function removeComponents(
  context: Context,
  names: readonly string[],
  options: ToolchainOption,
): Promise<void> {
  await change(context, options, ({ release, installed }, { manifest }) => ({
    select: found => selectWithout(manifest, release.host, names, found ?? installed),
  }));
}

/** `shown` gives the name of a component as it is listed; undefined leaves it out. */
export async function listComponentsOf(
  context: Context,
  options: ToolchainOption & { readonly installed?: boolean },
  shown: (name: string) => string | undefined,
): Promise<void> {
  const chosen = await chooseInstalled(context, options.toolchain);
  const { manifest } = await signedManifest(context, chosen);
  const installed = namesOf(chosen.installed.components);
  const listed = listComponents(manifest, chosen.release.host)
    .map(componentName)
    .map(name => ({ name: shown(name), isInstalled: installed.includes(name) }))
    .filter(({ name, isInstalled }) => name !== undefined && (isInstalled || options.installed !== true));
  if (options.json) return printJson(context, listed);
  for (const { name, isInstalled } of listed)
    print(context, isInstalled && options.installed !== true ? `${name} (installed)` : `${name}`);
}

async function change(
  context: Context,
  options: ToolchainOption,
  wish: (chosen: ChosenToolchain, manifest: ChangeWish['manifest']) => Pick<ChangeWish, 'select'>,
): Promise<void> {
  const chosen = await chooseInstalled(context, options.toolchain);
  const manifest = await signedManifest(context, chosen);
  const done = await withReleases(context, ({ state, snapshot }) =>
    changeToolchain(context, state, snapshot, {
      release: chosen.release,
      manifest,
      ...wish(chosen, manifest),
    }),
  );
  report(context, [done], options.json);
}

/** The one that the toolchain was installed from. Throws `INSTALL_NOT_VERIFIED` for what rustup installed itself. */
async function signedManifest(
  context: Context,
  { release }: ChosenToolchain,
): Promise<ChangeWish['manifest']> {
  const state = await ToolchainState.openExisting(context.rustup);
  const manifest = await state?.manifest(release.name);
  if (manifest !== undefined) return manifest;
  throw fail('INSTALL_NOT_VERIFIED', `toolchain: ${release.name} was not installed from a signed manifest`);
}
