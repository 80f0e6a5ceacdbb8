// One dependency of a version in an index line.
//
//   {"name":"serde","req":"^1.0","features":["derive"],"optional":false,"default_features":true,
//    "target":null,"kind":"normal"}
//
// `name` is what the crate calls it; when it is renamed, `package` is the crate's own name.

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import { parseCrateName } from './crate-name.ts';
import { flagField, optionalText, refuse, textField, textList } from './fields.ts';
import { INDEX_LIMITS } from './limits.ts';

export type DependencyKind = 'normal' | 'dev' | 'build';

export interface Dependency {
  readonly name: string;
  readonly req: string;
  readonly features: readonly string[];
  readonly optional: boolean;
  readonly defaultFeatures: boolean;
  /** `x86_64-pc-windows-msvc` or `cfg(unix)`; undefined: every target. */
  readonly target: string | undefined;
  readonly kind: DependencyKind;
  /** The index URL of another registry; undefined: the same registry. */
  readonly registry: string | undefined;
  /** The crate's own name, when `name` is a rename. */
  readonly package: string | undefined;
}

/** Throws `INDEX_FIELD`, `INDEX_NAME`. */
export function readDependency(object: JsonObject): Dependency {
  const name = textField(object, 'name');
  const packageName = optionalText(object, 'package');
  parseCrateName(packageName ?? name);
  if (!isDependencyName(name)) refuse('deps.name', 'expected letters, digits, _ or -, not a digit first');
  return {
    name,
    req: textField(object, 'req'),
    features: textList(object, 'features'),
    optional: flagField(object, 'optional', false),
    defaultFeatures: flagField(object, 'default_features', true),
    target: optionalText(object, 'target'),
    kind: readKind(optionalText(object, 'kind') ?? 'normal'),
    registry: optionalText(object, 'registry'),
    package: packageName,
  };
}

/** The fields in the order of crates.io's index. */
export function dependencyJson(dependency: Dependency): JsonObject {
  const {
    name,
    req,
    features,
    optional,
    defaultFeatures,
    target,
    kind,
    registry,
    package: packageName,
  } = dependency;
  return new Map<string, JsonValue>([
    ['name', name],
    ['req', req],
    ['features', features],
    ['optional', optional],
    ['default_features', defaultFeatures],
    ['target', target ?? null],
    ['kind', kind],
    ...(registry === undefined ? [] : [['registry', registry] as const]),
    ...(packageName === undefined ? [] : [['package', packageName] as const]),
  ]);
}

/** A rename may start with an underscore, which a crate name may not. */
export function isDependencyName(name: string): boolean {
  return name.length <= INDEX_LIMITS.nameLength && /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name);
}

function readKind(text: string): DependencyKind {
  if (text === 'normal' || text === 'dev' || text === 'build') return text;
  return refuse('deps.kind', 'expected normal, dev or build');
}
