import type { ReleasesSnapshot, VerifiedManifest } from '@cargo-tuf/cargo-tuf-lib';
import { formatManifest, parseManifest } from '@cargo-tuf/release-channel';
import { describe, expect, it } from 'vitest';
import { proxiedReleases } from '../src/proxied-releases.ts';

const ARCHIVE = {
  format: 'xz',
  path: 'dist/2026-11-20/rustc-nightly-x86_64-unknown-linux-gnu.tar.xz',
  sha256: 'ab'.repeat(32),
} as const;
const INSTALLER = 'rustup/archive/1.30.0/x86_64-unknown-linux-gnu/rustup-init';
const bytes = formatManifest({
  date: '2026-11-20',
  packages: new Map([
    [
      'rust',
      {
        version: '1.97.0',
        targets: new Map([['*', { available: false, archives: [], components: [], extensions: [] }]]),
      },
    ],
  ]),
  renames: new Map(),
  profiles: new Map(),
});
const MANIFEST: VerifiedManifest = {
  path: 'dist/channel-rust-stable.toml',
  bytes,
  sha256: 'cd'.repeat(32),
  manifest: parseManifest(bytes),
};

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) yield new Uint8Array([at]);
}

/** A snapshot with one manifest, one archive of three bytes, and one installer. */
function snapshotWith(changes: Partial<ReleasesSnapshot> = {}): ReleasesSnapshot {
  return {
    manifest: async ({ channel }) => (channel === 'stable' ? MANIFEST : undefined),
    findArchive: async path => (path === ARCHIVE.path ? ARCHIVE : undefined),
    findTarget: async path =>
      path === INSTALLER
        ? { role: 'rustup', file: { length: 3, hashes: new Map([['sha256', 'ef'.repeat(32)]]) } }
        : undefined,
    openTarget: async () => pieces(3),
    openArchive: async function* (_, settings) {
      settings?.onProgress?.({ received: 1, total: 3 });
      yield* pieces(3);
    },
    rustupRelease: async () => ({ version: '1.30.0', bytes: new Uint8Array([1]) }),
    ...changes,
  } as ReleasesSnapshot;
}

async function pinned(snapshot = snapshotWith()) {
  return proxiedReleases({ sync: async () => snapshot }).pin();
}

const signal = new AbortController().signal;

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const chunk of chunks) all.push(...chunk);
  return all;
}

describe('releases behind the proxy', () => {
  it('gives manifests by their paths, and none for other paths', async () => {
    const state = await pinned();
    expect(await state.manifest('dist/channel-rust-stable.toml')).toBe(MANIFEST);
    expect(await state.manifest('dist/channel-rust-beta.toml')).toBeUndefined();
    expect(await state.manifest('dist/channel-rust-stable')).toBeUndefined();
    expect(await state.rustupRelease()).toEqual(new Uint8Array([1]));
  });

  it('gives an archive with the length that the server tells', async () => {
    const state = await pinned();
    const file = await state.archive(ARCHIVE.path);
    expect(file?.sha256).toBe(ARCHIVE.sha256);
    const opened = await file?.open(signal);
    expect(opened?.length).toBe(3);
    expect(await collect(opened?.pieces ?? pieces(0))).toEqual([0, 1, 2]);
    expect(await state.archive(ARCHIVE.path.replace('rustc', 'cargo'))).toBeUndefined();
  });

  it('gives an archive without a length where no server tells one', async () => {
    const state = await pinned(snapshotWith({ openArchive: () => pieces(2) }));
    const opened = await (await state.archive(ARCHIVE.path))?.open(signal);
    expect(opened?.length).toBeUndefined();
    expect(await collect(opened?.pieces ?? pieces(0))).toEqual([0, 1]);
  });

  it('gives an installer with its signed length and hash', async () => {
    const state = await pinned();
    const file = await state.installer(INSTALLER);
    expect(file?.sha256).toBe('ef'.repeat(32));
    expect((await file?.open(signal))?.length).toBe(3);
    expect(await state.installer(`${INSTALLER}.exe`)).toBeUndefined();
  });

  it('fails before the first piece where the source does', async () => {
    const state = await pinned(
      snapshotWith({
        openArchive: async function* () {
          await Promise.reject(new Error('not there'));
          yield new Uint8Array();
        },
      }),
    );
    const file = await state.archive(ARCHIVE.path);
    await expect(file?.open(signal)).rejects.toThrow('not there');
  });

  it('ends the source when a reader stops', async () => {
    let ended = false;
    const state = await pinned(
      snapshotWith({
        openArchive: async function* () {
          try {
            yield* pieces(9);
          } finally {
            ended = true;
          }
        },
      }),
    );
    const opened = await (await state.archive(ARCHIVE.path))?.open(signal);
    for await (const _ of opened?.pieces ?? pieces(0)) break;
    expect(ended).toBe(true);
  });
});
