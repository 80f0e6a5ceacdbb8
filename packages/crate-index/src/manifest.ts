// From the Cargo.toml in a .crate archive, which cargo has normalised, to the line of the index, as crates.io makes it.
// The line is made from the archive and from nothing else: what a publisher says beside the archive is not signed by
// the checksum.
//
//   [package]                              {"name":"demo","vers":"0.1.0","deps":[{"name":"serde","req":"^1.0",
//   name = "demo"                            "features":[],"optional":true,"default_features":true,"target":null,
//   version = "0.1.0"               →        "kind":"normal"}],"cksum":"…","features":{},
//   [dependencies]                           "features2":{"std":["dep:serde"]},"yanked":false,"v":2}
//   serde = { version = "1.0", optional = true }
//   [features]
//   std = ["dep:serde"]

import { encodeJson, type JsonValue } from '@cargo-tuf/canonical-json';
import { parseCrateName } from './crate-name.ts';
import { dependencyJson } from './dependency.ts';
import { type IndexVersion, parseChecksum, parseIndexVersion } from './index-version.ts';
import { manifestDependencies } from './manifest-dependencies.ts';
import { manifestFeatures } from './manifest-features.ts';
import { type Manifest, memberOf, optionalTextOf, tableOf, textOf } from './toml-table.ts';
import { parseVersion } from './version.ts';

export interface ManifestOptions {
  /**
   * Index URL of the registry that publishes the line, as its users configure it. Dependencies on the same registry
   * then carry no `registry`, and those that the manifest takes from crates.io name crates.io. Absent: crates.io.
   */
  readonly registry?: string;
}

/**
 * `manifest`: what a TOML parser gives, as plain objects or Maps. `cksum`: SHA-256 of the archive in hex.
 * Throws `INDEX_MANIFEST`, `INDEX_NAME`, `INDEX_VERSION`, `INDEX_REQUIREMENT`, `INDEX_FIELD`, `INDEX_LIMIT`.
 */
export function versionFromManifest(
  manifest: Manifest,
  cksum: string,
  options: ManifestOptions = {},
): IndexVersion {
  const about = tableOf(memberOf(manifest, 'package'), 'package');
  const { features, features2 } = manifestFeatures(manifest);
  const links = optionalTextOf(about, 'links', 'package.links');
  const rustVersion = optionalTextOf(about, 'rust-version', 'package.rust-version');
  const line = new Map<string, JsonValue>([
    ['name', parseCrateName(textOf(about, 'name', 'package.name'))],
    ['vers', parseVersion(textOf(about, 'version', 'package.version'))],
    ['deps', manifestDependencies(manifest, options.registry).map(dependencyJson)],
    ['cksum', parseChecksum(cksum)],
    ['features', features],
  ]);
  if (features2.size > 0) line.set('features2', features2);
  line.set('yanked', false);
  if (links !== undefined) line.set('links', links);
  if (rustVersion !== undefined) line.set('rust_version', rustVersion);
  if (features2.size > 0) line.set('v', 2);
  return parseIndexVersion(encodeJson(line));
}
