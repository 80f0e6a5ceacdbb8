// rustup's folder, and what rustup-tuf keeps there itself:
//
//   toolchains/stable-x86_64-unknown-linux-gnu/   what is installed
//   update-hashes/stable-x86_64-unknown-linux-gnu the first 20 digits of its manifest's SHA-256
//   downloads/<sha256>                            archives, and `.part` files of those that were cut off
//   settings.toml                                 the default toolchain, the profile, overrides of folders
//   tuf/                                          records and the lock (toolchain/state.ts)
//   tuf/staging/<random>/                         toolchains that are being built, and old ones that go away
//
// Staging is not in `toolchains`, where rustup lists whatever folder it finds, and not in `tmp`, which rustup empties. It is on
// the same file system, so that a finished toolchain is moved into place.

import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** Absolute paths. */
export interface RustupHome {
  readonly root: string;
  readonly toolchains: string;
  readonly updateHashes: string;
  readonly downloads: string;
  readonly settings: string;
  readonly tuf: string;
  readonly staging: string;
}

/** rustup's rule: `RUSTUP_HOME`, relative to the working folder if it must be, else `~/.rustup`. */
export function openRustupHome(
  environment: Readonly<Record<string, string | undefined>>,
  workingFolder: string,
): RustupHome {
  const stated = environment['RUSTUP_HOME'];
  const root = stated ? resolve(workingFolder, stated) : resolve(environment['HOME'] || homedir(), '.rustup');
  return {
    root,
    toolchains: `${root}/toolchains`,
    updateHashes: `${root}/update-hashes`,
    downloads: `${root}/downloads`,
    settings: `${root}/settings.toml`,
    tuf: `${root}/tuf`,
    staging: `${root}/tuf/staging`,
  };
}
