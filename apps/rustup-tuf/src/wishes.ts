// What commands wish of a toolchain, as its components.

import { isTufError } from '@cargo-tuf/errors';
import {
  type ChannelManifest,
  componentName,
  findComponent,
  resolveComponent,
  type SelectedComponent,
  selectComponents,
} from '@cargo-tuf/release-channel';
import { fail } from './errors.ts';
import type { InstalledToolchain } from './toolchain/installed.ts';

export interface ComponentWish {
  /** Of a toolchain that is there already, only where it is said. */
  readonly profile?: string | undefined;
  readonly components?: readonly string[];
  readonly targets?: readonly string[];
}

/** What is installed stays; a toolchain that is not there gets the profile. */
export function selectWished(
  manifest: ChannelManifest,
  host: string,
  wish: ComponentWish,
  installed: InstalledToolchain | undefined,
  defaultProfile = 'default',
): readonly SelectedComponent[] {
  const present = installedNames(manifest, host, installed);
  const components = [...present, ...(wish.components ?? [])];
  const profile = wish.profile ?? (present.length === 0 ? defaultProfile : undefined);
  const { targets = [] } = wish;
  if (profile !== undefined) return selectComponents(manifest, { host, profile, components, targets });
  return distinct(
    [...components, ...targets.map(target => `rust-std-${target}`)].map(name =>
      resolveComponent(manifest, findComponent(manifest, host, name)),
    ),
  );
}

/** What is installed without what is named. Throws `INSTALL_USAGE` for what is not installed. */
export function selectWithout(
  manifest: ChannelManifest,
  host: string,
  names: readonly string[],
  installed: InstalledToolchain,
): readonly SelectedComponent[] {
  const present = installedNames(manifest, host, installed);
  const gone = names.map(name => {
    const known = componentName(findComponent(manifest, host, name));
    if (present.includes(known)) return known;
    throw fail('INSTALL_USAGE', `component: ${known} is not installed in ${installed.name}`);
  });
  const left = present.filter(name => !gone.includes(name));
  if (left.length === 0)
    throw fail('INSTALL_USAGE', `component: ${installed.name} would have none left; uninstall it instead`);
  return left.map(name => resolveComponent(manifest, findComponent(manifest, host, name)));
}

/** In the words of this manifest, which may have renamed them. Throws `INSTALL_GONE`. */
function installedNames(
  manifest: ChannelManifest,
  host: string,
  installed: InstalledToolchain | undefined,
): readonly string[] {
  return (installed?.components ?? []).map(component => {
    try {
      return componentName(findComponent(manifest, host, componentName(component)));
    } catch (error) {
      if (!isTufError(error, 'CHANNEL_COMPONENT')) throw error;
      throw fail('INSTALL_GONE', error.message, { cause: error });
    }
  });
}

function distinct(components: readonly SelectedComponent[]): readonly SelectedComponent[] {
  return [...new Map(components.map(each => [each.name, each])).values()];
}
