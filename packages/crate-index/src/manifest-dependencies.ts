// The dependencies of a normalised Cargo.toml.
//
//   [dependencies]                                        kind normal, every target
//   serde = "1.0"
//   [target.'cfg(unix)'.dev-dependencies.short]           kind dev, target cfg(unix), package some-long-name
//   version = "2"
//   package = "some-long-name"

import { type Dependency, type DependencyKind, isDependencyName } from './dependency.ts';
import { normaliseRequirement } from './requirement.ts';
import {
  entriesOf,
  flagOf,
  type Manifest,
  memberOf,
  memberOfEither,
  optionalTextOf,
  refuseManifest,
  tableOf,
  textListOf,
} from './toml-table.ts';

const CRATES_IO = 'https://github.com/rust-lang/crates.io-index';

/** In the order of crates.io: by name; normal before build before dev where a crate is used twice. */
export function manifestDependencies(
  manifest: Manifest,
  registry: string | undefined,
): readonly Dependency[] {
  const targets = memberOf(manifest, 'target');
  const dependencies = dependenciesOf(manifest, undefined, registry);
  for (const [target, table] of targets === undefined ? [] : entriesOf(tableOf(targets, 'target'))) {
    dependencies.push(...dependenciesOf(tableOf(table, `target.${target}`), target, registry));
  }
  return dependencies.sort(compareDependencies);
}

const SECTIONS: readonly (readonly [string, DependencyKind])[] = [
  ['dependencies', 'normal'],
  ['build-dependencies', 'build'],
  ['dev-dependencies', 'dev'],
];
const KIND_ORDER: readonly DependencyKind[] = SECTIONS.map(([, kind]) => kind);

function dependenciesOf(
  table: Manifest,
  target: string | undefined,
  registry: string | undefined,
): Dependency[] {
  const found: Dependency[] = [];
  for (const [section, kind] of SECTIONS) {
    const where = target === undefined ? section : `target.${target}.${section}`;
    const dependencies = memberOfEither(table, section, where);
    if (dependencies === undefined) continue;
    for (const [name, value] of entriesOf(tableOf(dependencies, where))) {
      found.push(dependencyOf(name, value, { kind, target, registry, where: `${where}.${name}` }));
    }
  }
  return found;
}

interface Place {
  readonly kind: DependencyKind;
  readonly target: string | undefined;
  readonly registry: string | undefined;
  readonly where: string;
}

function dependencyOf(name: string, value: unknown, { kind, target, registry, where }: Place): Dependency {
  if (!isDependencyName(name)) refuseManifest(where, 'expected letters, digits, _ or -, not a digit first');
  const table: Manifest = typeof value === 'string' ? new Map([['version', value]]) : tableOf(value, where);
  for (const key of ['workspace', 'registry']) {
    if (memberOf(table, key) !== undefined) refuseManifest(where, `${key} stands in no normalised manifest`);
  }
  const packageName = optionalTextOf(table, 'package', `${where}.package`);
  return {
    name,
    req: normaliseRequirement(requirementOf(table, where)),
    features: textListOf(memberOf(table, 'features'), `${where}.features`),
    optional: flagOf(memberOf(table, 'optional'), false, `${where}.optional`),
    defaultFeatures: flagOf(
      memberOfEither(table, 'default-features', where),
      true,
      `${where}.default-features`,
    ),
    target,
    kind,
    registry: registryOf(optionalTextOf(table, 'registry-index', `${where}.registry-index`), registry),
    package: packageName === name ? undefined : packageName,
  };
}

function requirementOf(table: Manifest, where: string): string {
  const version = optionalTextOf(table, 'version', `${where}.version`);
  if (version !== undefined) return version;
  for (const key of ['git', 'path']) {
    if (memberOf(table, key) !== undefined) refuseManifest(where, `${key} without a version`);
  }
  return '*';
}

/** What the line says, from what the manifest says (absent: crates.io) and where the line is published. */
function registryOf(index: string | undefined, own: string | undefined): string | undefined {
  if (own === undefined) return index;
  return index === own ? undefined : (index ?? CRATES_IO);
}

function compareDependencies(left: Dependency, right: Dependency): number {
  return (
    compareText(left.name, right.name) ||
    KIND_ORDER.indexOf(left.kind) - KIND_ORDER.indexOf(right.kind) ||
    compareText(left.req, right.req) ||
    Number(left.optional) - Number(right.optional) ||
    Number(left.defaultFeatures) - Number(right.defaultFeatures) ||
    compareText(left.target ?? '', right.target ?? '') ||
    compareText(left.package ?? '', right.package ?? '') ||
    compareText(left.features.join('\n'), right.features.join('\n'))
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
