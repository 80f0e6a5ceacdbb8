// A root.toml that is trusted, with its keys opened.

import { parseTomlRoot, type RoleKeys, type TomlRoleName, type TomlRoot } from '@cargo-tuf/metadata';
import { type Keyring, openKeyring, type SignatureOptions } from './signatures.ts';

export interface TrustedRoot {
  readonly bytes: Uint8Array;
  readonly root: TomlRoot;
  readonly keyring: Keyring;
}

/** Throws `METADATA_…`, `OPENPGP_…`. That the bytes are trusted is for the caller to know. */
export function openRoot(bytes: Uint8Array, options: SignatureOptions): TrustedRoot {
  const root = parseTomlRoot(bytes);
  return { bytes, root, keyring: openKeyring(root.keys, options) };
}

/** `root` and `timestamp` are there in every root that was read. */
export function roleOf({ root }: TrustedRoot, name: TomlRoleName): RoleKeys {
  return root.roles.get(name) ?? { keyIds: [], threshold: Number.POSITIVE_INFINITY };
}
