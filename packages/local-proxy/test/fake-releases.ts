// Releases that do as told, behind a proxy of its own.

import { createHash } from 'node:crypto';
import type { PinnedReleases, ProxyReleases, ReleaseFile } from '@cargo-tuf/local-proxy';
import { type Running, run } from './loopback.ts';

export const MANIFEST = Buffer.from('manifest-version = "2"\ndate = "2026-11-20"\n');
export const MANIFEST_HASH = hashOf(MANIFEST);
export const RUSTUP = Buffer.from("schema-version = '1'\nversion = '1.30.0'\n");
export const COMPONENT = Buffer.from('a component in an archive');
export const INSTALLER = Buffer.from('#!/bin/sh\n');

export const BASE = '/rust-releases/';
export const STABLE = 'dist/channel-rust-stable.toml';
export const ARCHIVE_PATH = 'dist/2026-11-20/rustc-nightly-x86_64-unknown-linux-gnu.tar.xz';
export const INSTALLER_PATH = 'rustup/archive/1.30.0/x86_64-unknown-linux-gnu/rustup-init';

export class Releases implements ProxyReleases {
  pins = 0;
  readonly asked: string[] = [];
  onPin: (count: number) => Promise<void> = async () => undefined;
  onManifest: PinnedReleases['manifest'] = async path =>
    path === STABLE ? { bytes: MANIFEST, sha256: MANIFEST_HASH } : undefined;
  onRustup: PinnedReleases['rustupRelease'] = async () => RUSTUP;
  onArchive: PinnedReleases['archive'] = async path =>
    path === ARCHIVE_PATH ? fileOf([COMPONENT]) : undefined;
  onInstaller: PinnedReleases['installer'] = async path =>
    path === INSTALLER_PATH ? fileOf([INSTALLER]) : undefined;

  async pin(): Promise<PinnedReleases> {
    this.pins += 1;
    await this.onPin(this.pins);
    const ask = <T>(path: string, answer: (path: string) => Promise<T>): Promise<T> => {
      this.asked.push(path);
      return answer(path);
    };
    return {
      manifest: path => ask(path, this.onManifest),
      rustupRelease: () => ask('rustup', this.onRustup),
      archive: path => ask(path, this.onArchive),
      installer: path => ask(path, this.onInstaller),
    };
  }
}

export interface FileSettings {
  /** What a server says of the length. */
  readonly length?: number | undefined;
  /** What comes in place of the end. */
  readonly end?: Error;
  /** Told of each piece before it is given. */
  readonly onPiece?: (at: number) => Promise<void> | void;
  /** Whoever read the pieces reads no more. */
  readonly onClose?: () => void;
  readonly onOpen?: (signal: AbortSignal) => void;
}

export function fileOf(pieces: readonly Uint8Array[], settings: FileSettings = {}): ReleaseFile {
  const whole = Buffer.concat(pieces);
  return {
    sha256: hashOf(whole),
    open: async signal => {
      settings.onOpen?.(signal);
      return {
        length: 'length' in settings ? settings.length : whole.length,
        pieces: (async function* () {
          try {
            for (const [at, piece] of pieces.entries()) {
              await settings.onPiece?.(at);
              yield piece;
            }
          } finally {
            settings.onClose?.();
          }
          if (settings.end !== undefined) throw settings.end;
        })(),
      };
    },
  };
}

export async function runReleases(
  options: Parameters<typeof run>[0] = {},
): Promise<Running & { releases: Releases }> {
  const releases = new Releases();
  return { ...(await run({ releases, ...options })), releases };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
