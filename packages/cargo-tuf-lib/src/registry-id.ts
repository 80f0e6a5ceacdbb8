// How a registry is named. Cargo's source id is the name that counts: it stands in Cargo.lock, and it stays the same
// whatever mirror serves the registry.
//
//   crates-io                                            as people write it
//   registry+https://github.com/rust-lang/crates.io-index  as Cargo.lock writes it: a git index
//   sparse+https://crates.example/index/                 a sparse index
//
// Two spellings are two registries, except for those of crates.io: no lower-casing, no `.git` cut off (CVE-2026-5222).
// Beside the registries stands `rust-releases`: the signed releases of Rust, tuf-root of RFC 3724.

import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { fail } from './errors.ts';

export type RegistryId = string & { readonly __registryId: never };

export const CRATES_IO = 'registry+https://github.com/rust-lang/crates.io-index' as RegistryId;

/** Of the releases there is one anchor a user. */
export const RUST_RELEASES = 'rust-releases' as RegistryId;

const SPELLINGS_OF_CRATES_IO: readonly string[] = [
  'crates-io',
  'crates.io',
  CRATES_IO,
  'https://github.com/rust-lang/crates.io-index',
  'sparse+https://index.crates.io/',
];

/** The registry that a user, a configuration or Cargo.lock means, or the releases. Throws `LIB_REGISTRY_ID`. */
export function parseRegistryId(text: string): RegistryId {
  if (SPELLINGS_OF_CRATES_IO.includes(text)) return CRATES_IO;
  if (text === RUST_RELEASES) return RUST_RELEASES;
  const match = /^(sparse\+|registry\+)?((?:https?|file):\/\/[!-~]+)$/.exec(text);
  const url = match?.[2];
  if (url === undefined || text.length > 1024 || /[#?"'\\<>{}`]/.test(url)) {
    throw fail('LIB_REGISTRY_ID', `registry: "${escapeText(text)}" names none`, {
      details: { registry: text },
    });
  }
  const prefix = match?.[1] ?? 'registry+';
  if (prefix === 'sparse+' && !url.endsWith('/')) {
    throw fail('LIB_REGISTRY_ID', `registry: "${escapeText(text)}" must end in a slash`);
  }
  return `${prefix}${url}` as RegistryId;
}

/** As people write it: "crates-io" or the source id. */
export function formatRegistryId(id: RegistryId): string {
  return id === CRATES_IO ? 'crates-io' : id;
}

/** What cargo's configuration takes as the URL of this registry's source. */
export function sourceUrl(id: RegistryId): string {
  return id.startsWith('registry+') ? id.slice('registry+'.length) : id;
}

/** A short name for folders and URLs, made of nothing but lower-case letters, digits and `-`. */
export function registrySlug(id: RegistryId): string {
  if (id === CRATES_IO) return 'crates-io';
  return id === RUST_RELEASES ? id : encodeHex(sha256(new TextEncoder().encode(id))).slice(0, 16);
}
