// What rustup asks a release server for, and nothing else. No path of version 1 is here (`channel-rust-stable`,
// `rust-1.95.0-<triple>.tar.gz`): rustup falls back to it without a manifest.
//
//   /rust-releases/dist/channel-rust-stable.toml.sha256
//   /rust-releases/dist/2026-11-20/channel-rust-nightly.toml
//   /rust-releases/dist/2026-11-20/rustc-nightly-x86_64-unknown-linux-gnu.tar.xz
//   /rust-releases/rustup/release-stable.toml
//   /rust-releases/rustup/archive/1.29.0/x86_64-unknown-linux-gnu/rustup-init

import { isDate, isTriple, parseManifestPath, RUSTUP_RELEASE } from '@cargo-tuf/release-channel';
import { RELEASES_SLUG } from './releases.ts';

export interface ReleaseRoute {
  /** `checksum`: of the manifest at the path. */
  readonly kind: 'manifest' | 'checksum' | 'archive' | 'rustup' | 'installer';
  /** Below a release server, without a leading slash. */
  readonly path: string;
}

const PREFIX = `/${RELEASES_SLUG}/`;
const CHECKSUM = '.sha256';
const ARCHIVE = /^dist\/([0-9-]{10})\/[A-Za-z0-9_][A-Za-z0-9._+-]{0,200}\.tar\.(?:gz|xz|zst)$/;
const INSTALLER = /^rustup\/archive\/[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}\/([^/]+)\/rustup-init(?:\.exe)?$/;

/** What a target asks for, or undefined where it is outside the grammar. Nothing is decoded. */
export function parseReleaseRoute(target: string): ReleaseRoute | undefined {
  if (!target.startsWith(PREFIX)) return undefined;
  const path = target.slice(PREFIX.length);
  if (path === RUSTUP_RELEASE) return { kind: 'rustup', path };
  if (parseManifestPath(path) !== undefined) return { kind: 'manifest', path };
  if (path.endsWith(CHECKSUM)) {
    const manifest = path.slice(0, -CHECKSUM.length);
    return parseManifestPath(manifest) && { kind: 'checksum', path: manifest };
  }
  const [, date] = ARCHIVE.exec(path) ?? [];
  if (date !== undefined) return isDate(date) ? { kind: 'archive', path } : undefined;
  const [, triple] = INSTALLER.exec(path) ?? [];
  return triple !== undefined && isTriple(triple) ? { kind: 'installer', path } : undefined;
}
