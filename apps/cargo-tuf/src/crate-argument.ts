import { formatRegistryId, type TrustAnchor } from '@cargo-tuf/cargo-tuf-lib';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { parseCrateName, parseVersion } from '@cargo-tuf/crate-index';
import { fail } from './errors.ts';

/** "serde@1.0.152" or "serde", checked. */
export function parseCrateArgument(text: string): { name: string; version: string | undefined } {
  const [name = '', version, ...rest] = text.split('@');
  if (rest.length > 0) throw fail('APP_USAGE', `crate: "${escapeText(text)}", expected NAME or NAME@VERSION`);
  try {
    return { name: parseCrateName(name), version: version === undefined ? undefined : parseVersion(version) };
  } catch (error) {
    if (!isTufError(error)) throw error;
    throw fail('APP_USAGE', error.message, { cause: error });
  }
}

/** The anchor that an option names, or the first one: crates.io where it is trusted. */
export function chooseAnchor(anchors: readonly TrustAnchor[], name: string | undefined): TrustAnchor {
  const anchor = anchors.find(each => name === undefined || formatRegistryId(each.registry) === name);
  if (anchor === undefined) throw fail('APP_USAGE', `registry: "${escapeText(name ?? '')}" is not trusted`);
  return anchor;
}
