// Which components a toolchain consists of, by rustup's rules: those of the profile that the package `rust` has for the host,
// what is added by name, and the standard library of each further target.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import type { Archive, ChannelManifest, Component, PackageTarget } from './manifest.ts';

export interface Selection {
  /** The machine that the toolchain runs on. */
  readonly host: string;
  /** "minimal", "default" or "complete". */
  readonly profile: string;
  /** Names as users say them, a target triple after them where it is not the host: "clippy", "rust-std-wasm32-unknown-unknown". */
  readonly components?: readonly string[];
  /** Triples whose standard library is added. */
  readonly targets?: readonly string[];
}

/** A component as it is installed, and the archives that it can come from. */
export interface SelectedComponent extends Component {
  /** "rustc-x86_64-unknown-linux-gnu"; "rust-src" where one is for all targets. */
  readonly name: string;
  /** The best first. */
  readonly archives: readonly Archive[];
}

/**
 * Sorted as the package `rust` has them. Throws `CHANNEL_COMPONENT` where there is no such profile, component or target, or where
 * what is asked for was not built on that day.
 */
export function selectComponents(
  manifest: ChannelManifest,
  selection: Selection,
): readonly SelectedComponent[] {
  const { host, profile, components = [], targets = [] } = selection;
  const rust = rustOf(manifest, host);
  const names = manifest.profiles.get(profile);
  if (names === undefined)
    throw refuse(
      `profile: "${escapeText(profile, 60)}", expected ${[...manifest.profiles.keys()].join(', ')}`,
    );
  const known = [...rust.components, ...rust.extensions];
  const ofProfile = known.filter(
    ({ pkg, target }) => names.includes(pkg) && (target === host || target === '*'),
  );
  const chosen = [
    ...ofProfile,
    ...components.map(name => findComponent(manifest, host, name)),
    ...targets.map(target => findComponent(manifest, host, `rust-std-${target}`)),
  ];
  const order = new Map(known.map((each, index) => [componentName(each), index]));
  const distinct = new Map(chosen.map(each => [componentName(each), each]));
  return [...distinct.values()]
    .sort((a, b) => (order.get(componentName(a)) ?? 0) - (order.get(componentName(b)) ?? 0))
    .map(each => resolveComponent(manifest, each));
}

/** The component that a user names, of a toolchain for `host`. Throws `CHANNEL_COMPONENT`. */
export function findComponent(manifest: ChannelManifest, host: string, name: string): Component {
  const rust = rustOf(manifest, host);
  const known = [...rust.components, ...rust.extensions];
  const spellings = [name, ...renamed(manifest, name)];
  const found = spellings
    .flatMap(each => [each, `${each}-${host}`])
    .map(each => known.find(component => componentName(component) === each))
    .find(each => each !== undefined);
  if (found !== undefined) return found;
  throw refuse(
    `component: "${escapeText(name, 100)}" is not in the manifest of ${manifest.date} for ${host}`,
  );
}

/** Everything that a toolchain for `host` can have. Throws `CHANNEL_COMPONENT`. */
export function listComponents(manifest: ChannelManifest, host: string): readonly Component[] {
  const { components, extensions } = rustOf(manifest, host);
  return [...components, ...extensions];
}

/** A component with its archives. Throws `CHANNEL_COMPONENT` where it was not built on that day. */
export function resolveComponent(manifest: ChannelManifest, component: Component): SelectedComponent {
  const name = componentName(component);
  const targets = manifest.packages.get(component.pkg)?.targets;
  const built = targets?.get(component.target) ?? targets?.get('*');
  if (built === undefined || !built.available)
    throw refuse(`component: ${name} was not built on ${manifest.date}`);
  return { ...component, name, archives: built.archives };
}

/** As `lib/rustlib/components` of an installed toolchain has it. */
export function componentName({ pkg, target }: Component): string {
  return target === '*' ? pkg : `${pkg}-${target}`;
}

/** The manifest's word for what users say: "clippy" is "clippy-preview", "clippy-x86_64-…" is "clippy-preview-x86_64-…". */
function renamed(manifest: ChannelManifest, name: string): readonly string[] {
  for (const [from, to] of manifest.renames) {
    if (name === from || name.startsWith(`${from}-`)) return [`${to}${name.slice(from.length)}`];
  }
  return [];
}

function rustOf(manifest: ChannelManifest, host: string): PackageTarget {
  const rust = manifest.packages.get('rust')?.targets.get(host);
  if (rust?.available === true) return rust;
  throw refuse(`toolchain: none for ${escapeText(host, 100)} on ${manifest.date}`);
}

function refuse(message: string): Error {
  return fail('CHANNEL_COMPONENT', message);
}
