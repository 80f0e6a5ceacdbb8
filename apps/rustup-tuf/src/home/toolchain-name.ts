// Toolchains as users name them, and as their folders are named:
//
//   stable                    stable-x86_64-unknown-linux-gnu
//   nightly-2026-11-20        nightly-2026-11-20-x86_64-unknown-linux-gnu
//   my-build                  my-build: linked with `rustup toolchain link`, of which nothing is signed

import { escapeText, isTufError } from '@cargo-tuf/errors';
import { formatToolchain, parseToolchain, type Toolchain } from '@cargo-tuf/release-channel';
import { fail } from '../errors.ts';

/** A release for a machine. */
export interface Release extends Toolchain {
  readonly host: string;
  /** Of its folder: "stable-x86_64-unknown-linux-gnu". */
  readonly name: string;
}

/** Throws `CHANNEL_TOOLCHAIN` for what is no release of a channel. */
export function parseRelease(text: string, host: string): Release {
  const toolchain = parseToolchain(text);
  const release = { ...toolchain, host: toolchain.host ?? host };
  return { ...release, name: formatToolchain(release) };
}

/** The name of the folder, of a release or of a toolchain that was linked. Throws `INSTALL_USAGE`. */
export function folderName(text: string, host: string): string {
  try {
    return parseRelease(text, host).name;
  } catch (error) {
    if (!isTufError(error, 'CHANNEL_TOOLCHAIN')) throw error;
  }
  if (/^[^\p{C}/\\+.][^\p{C}/\\]{0,199}$/u.test(text) && text !== 'none') return text;
  throw fail('INSTALL_USAGE', `toolchain: "${escapeText(text, 60)}" is no name of one`);
}

/** The release that an installed toolchain's folder is named after; undefined for one that was linked. */
export function releaseOf(name: string): Release | undefined {
  try {
    const toolchain = parseToolchain(name);
    return toolchain.host === undefined ? undefined : { ...toolchain, host: toolchain.host, name };
  } catch (error) {
    if (isTufError(error, 'CHANNEL_TOOLCHAIN')) return undefined;
    throw error;
  }
}

/** Whether the toolchain moves on with its channel, by rustup's rule: "stable", "1.95", not "1.95.0" and not a day. */
export function isTracking({ channel, date }: Toolchain): boolean {
  return date === undefined && /^(?:stable|beta|nightly|\d+\.\d+|\d+\.\d+\.\d+-beta)$/.test(channel);
}
