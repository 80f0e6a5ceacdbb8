// The signed releases, as a program that installs toolchains sees them.

import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import {
  addAnchor,
  type Home,
  listAnchors,
  openReleases,
  readReleasesAnchor,
  removeAnchor,
  type Releases,
  type ReleasesSnapshot,
  RUST_RELEASES,
} from '@cargo-tuf/cargo-tuf-lib';
import { openFolderStore } from '@cargo-tuf/folder-store';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import {
  type Archive,
  formatManifest,
  manifestPath,
  parseManifest,
  selectComponents,
} from '@cargo-tuf/release-channel';
import { SimulatedClock, signPlainRepository } from '@cargo-tuf/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Mirror, startMirror } from '../../../tools/fixtures/mirror-server.ts';
import { buildReleaseServer, HOST, type ReleaseServer } from '../../../tools/fixtures/releases.ts';
import { makeHome, temporaryFolder, write, writeMirror } from './world.ts';

const STABLE = { channel: 'stable', date: undefined };
const DAY = 24 * 60 * 60 * 1000;
const clock = new SimulatedClock();
const closing: (() => Promise<void>)[] = [];
let work: string;
let folder: string;
let server: ReleaseServer;

beforeAll(async () => {
  work = await mkdtemp(`${tmpdir()}/cargo-tuf-lib-`);
  folder = `${work}/server`;
  server = await buildReleaseServer(folder, { clock: clock.now });
  await server.publishChannel({ channel: 'stable', date: '2026-11-19', version: '1.94.0' });
  await server.publishChannel({ channel: 'stable', date: '2026-11-20', version: '1.95.0' });
  await server.publishChannel({ channel: 'nightly', date: '2026-11-21', version: '1.97.0' });
  await server.publishRustup({ version: '1.30.0' });
});

afterAll(() => rm(work, { recursive: true, force: true }));

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The server over HTTP; `change` gives other bytes than it has. */
async function mirror(
  change: (path: string, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes,
): Promise<Mirror> {
  const started = await startMirror(async path => {
    const bytes = await readFile(`${folder}/${path}`).catch(() => null);
    return bytes && change(path, new Uint8Array(bytes));
  });
  closing.push(() => started.close());
  return started;
}

async function open(
  mirrors: readonly string[],
  { home, root = server.root }: { readonly home?: Home; readonly root?: Uint8Array } = {},
): Promise<{ readonly releases: Releases; readonly home: Home }> {
  const place = home ?? (await makeHome());
  await addAnchor(place, { registry: RUST_RELEASES, root, mirrors });
  const anchor = await readReleasesAnchor(place);
  const releases = await openReleases({ anchor, home: place, clock: clock.now, proxy: false });
  closing.push(() => releases.close());
  return { releases, home: place };
}

const collect = async (pieces: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array> => {
  const seen: Uint8Array[] = [];
  for await (const piece of pieces ?? []) seen.push(piece);
  return new Uint8Array(Buffer.concat(seen));
};

/** The best archive of cargo. */
async function archiveOf(snapshot: ReleasesSnapshot): Promise<Archive> {
  const found = await snapshot.manifest(STABLE);
  const selected = found && selectComponents(found.manifest, { host: HOST, profile: 'minimal' });
  return selected?.find(({ pkg }) => pkg === 'cargo')?.archives[0] as Archive;
}

const hashOf = (bytes: Uint8Array): string => encodeHex(sha256(bytes));
const flip = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));

describe('the releases', () => {
  it('have an anchor of their own, which is none of the registries', async () => {
    const { home } = await open([`${pathToFileURL(folder).href}/`]);
    expect(await listAnchors(home)).toEqual([]);
    expect((await readReleasesAnchor(home)).root).toEqual(server.root);
    await expect(readReleasesAnchor(await makeHome())).rejects.toMatchObject({ code: 'LIB_NO_RELEASES' });
  });

  it('give manifests by channel, day and version, as they were signed', async () => {
    const { releases } = await open([(await mirror()).url]);
    const snapshot = await releases.sync();
    const stable = await snapshot.manifest(STABLE);
    const signed = new Uint8Array(await readFile(`${folder}/${manifestPath(STABLE)}`));
    expect(stable).toMatchObject({ path: manifestPath(STABLE), bytes: signed, sha256: hashOf(signed) });
    expect(stable?.manifest).toEqual(parseManifest(signed));
    expect((await snapshot.manifest({ channel: 'stable', date: '2026-11-19' }))?.manifest.date).toBe(
      '2026-11-19',
    );
    expect((await snapshot.manifest({ channel: '1.95.0', date: undefined }))?.sha256).toBe(stable?.sha256);
    expect((await snapshot.manifest({ channel: 'nightly', date: undefined }))?.manifest.date).toBe(
      '2026-11-21',
    );
    for (const absent of [
      { channel: 'beta', date: undefined },
      { channel: 'stable', date: '2026-11-18' },
    ])
      expect(await snapshot.manifest(absent)).toBeUndefined();
  });

  it('take two requests where nothing changed, and none without a network', async () => {
    const { url, requests } = await mirror();
    const { releases, home } = await open([url]);
    await (await releases.sync()).manifest(STABLE);
    await releases.close();
    requests.length = 0;
    const again = await open([url], { home });
    expect((await (await again.releases.sync()).manifest(STABLE))?.manifest.date).toBe('2026-11-20');
    expect(requests).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
    const offline = await again.releases.openOffline();
    expect((await offline.manifest(STABLE))?.manifest.date).toBe('2026-11-20');
    expect(requests).toHaveLength(2);
  });

  it('give rustup and its installer', async () => {
    const { releases } = await open([(await mirror()).url]);
    const snapshot = await releases.sync();
    const release = await snapshot.rustupRelease();
    expect(release?.version).toBe('1.30.0');
    expect(new TextDecoder().decode(release?.bytes)).toContain(`version = '1.30.0'`);
    const path = `rustup/archive/1.30.0/${HOST}/rustup-init`;
    const installer = await collect(await snapshot.openTarget(path));
    expect((await snapshot.findTarget(path))?.file.hashes.get('sha256')).toBe(hashOf(installer));
    const file = `${await temporaryFolder()}/rustup-init`;
    await snapshot.downloadTarget(path, file, { mode: 0o755 });
    expect(new Uint8Array(await readFile(file))).toEqual(installer);
  });
});

describe('archives of a manifest', () => {
  it('come in pieces or to a file, and from the next mirror where one lies', async () => {
    const liar = await mirror((path, bytes) => (path.startsWith('dist/2') ? flip(bytes) : bytes));
    const honest = await mirror();
    const { releases } = await open([liar.url, honest.url]);
    const snapshot = await releases.sync();
    const archive = await archiveOf(snapshot);
    const bytes = await collect(snapshot.openArchive(archive));
    expect(hashOf(bytes)).toBe(archive.sha256);
    const file = `${await temporaryFolder()}/cargo.tar`;
    await snapshot.downloadArchive(archive, file);
    expect(new Uint8Array(await readFile(file))).toEqual(bytes);
    expect(await snapshot.verifyFile(archive, file)).toBe(true);
    await write(file, flip(bytes));
    expect(await snapshot.verifyFile(archive, file)).toBe(false);
    await expect(snapshot.verifyFile(archive, `${file}.absent`)).rejects.toMatchObject({ code: 'LIB_FILE' });
    expect(honest.requests).toContain(archive.path);
  });

  it('that no mirror has right come to no file', async () => {
    const { url } = await mirror((path, bytes) =>
      path.startsWith('dist/2') ? bytes.subarray(0, -1) : bytes,
    );
    const { releases } = await open([url]);
    const snapshot = await releases.sync();
    const archive = await archiveOf(snapshot);
    const file = `${await temporaryFolder()}/cargo.tar`;
    await expect(snapshot.downloadArchive(archive, file)).rejects.toMatchObject({ code: 'METADATA_HASH' });
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(collect(snapshot.openArchive(archive))).rejects.toMatchObject({ code: 'METADATA_HASH' });
  });

  it('are found by their path alone, of every channel', async () => {
    const { releases } = await open([(await mirror()).url]);
    const snapshot = await releases.sync();
    for (const channel of ['stable', 'nightly']) {
      const found = await snapshot.manifest({ channel, date: undefined });
      for (const { archives } of found === undefined
        ? []
        : selectComponents(found.manifest, { host: HOST, profile: 'complete' }))
        for (const archive of archives) expect(await snapshot.findArchive(archive.path)).toEqual(archive);
    }
    for (const path of [
      'dist/2026-11-20/cargo-9.9.9-x86_64-unknown-linux-gnu.tar.xz',
      'dist/2026-11-20/../x',
      'rustup/x',
    ])
      expect(await snapshot.findArchive(path)).toBeUndefined();
  });
});

describe('a copy of the release server', () => {
  it('is compared with all that is signed, and everything that differs is told', async () => {
    const copy = `${await temporaryFolder()}/copy`;
    await cp(folder, copy, { recursive: true });
    const { releases } = await open([(await mirror()).url]);
    const snapshot = await releases.sync();
    const steps: number[] = [];
    const whole = await snapshot.verifySnapshot(copy, { onProgress: done => steps.push(done) });
    expect(whole.problems).toEqual([]);
    // Three manifests of stable by day and version each, two of nightly, rustup and its installer, and every archive.
    expect(whole.verified).toBeGreaterThan(30);
    expect(steps).toHaveLength(whole.verified);
    const archive = await archiveOf(snapshot);
    const manifest = manifestPath(STABLE);
    const installer = `rustup/archive/1.30.0/${HOST}/rustup-init`;
    const read = async (path: string): Promise<Uint8Array> => new Uint8Array(await readFile(path));
    const flipped = flip(await read(`${copy}/${archive.path}`));
    await write(`${copy}/${archive.path}`, flipped);
    await write(`${copy}/${manifest}`, 'other');
    await rm(`${copy}/${installer}`);
    await symlink(`${folder}/${installer}`, `${copy}/${installer}`);
    const report = await snapshot.verifySnapshot(copy);
    expect(report).toEqual({
      verified: whole.verified - 3,
      problems: [
        { path: archive.path, problem: 'changed', sha256: hashOf(flipped), expected: archive.sha256 },
        {
          path: manifest,
          problem: 'changed',
          sha256: hashOf(Buffer.from('other')),
          expected: hashOf(await read(`${folder}/${manifest}`)),
        },
        { path: installer, problem: 'missing', expected: hashOf(await read(`${folder}/${installer}`)) },
      ].sort((a, b) => (a.path < b.path ? -1 : 1)),
    });
  });
});

describe('what was signed and cannot be right', () => {
  /** Releases of one key, which signs whatever it is given. */
  const signed = async (
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ root: Uint8Array; mirror: string }> => {
    const targets = new Map(
      [...files].map(([path, bytes]) => [
        path,
        { length: bytes.length, hashes: new Map([['sha256', hashOf(bytes)]]) },
      ]),
    );
    const repository = await signPlainRepository(targets, { time: clock.now() });
    const content = [...files].map(([path, bytes]) => [repository.paths.get(path) as string, bytes] as const);
    return { root: repository.root, mirror: await writeMirror(new Map([...repository.files, ...content])) };
  };
  const manifestOf = async (date: string): Promise<Uint8Array> => {
    const manifest = parseManifest(new Uint8Array(await readFile(`${folder}/${manifestPath(STABLE)}`)));
    return formatManifest({ ...manifest, date });
  };
  const openSigned = async (
    files: ReadonlyMap<string, Uint8Array>,
    home?: Home,
  ): Promise<ReleasesSnapshot> => {
    const { root, mirror: url } = await signed(files);
    // Another anchor for the same home: what was seen is remembered, whoever signed it.
    const place = home ?? (await makeHome());
    const { releases } = await open([url], { home: await withoutAnchor(place), root });
    return releases.sync();
  };
  const withoutAnchor = async (home: Home): Promise<Home> => {
    await removeAnchor(home, RUST_RELEASES).catch(() => undefined);
    return home;
  };

  it('an older manifest is refused, whatever its version is', async () => {
    const home = await makeHome();
    const path = manifestPath(STABLE);
    const later = await openSigned(new Map([[path, await manifestOf('2026-11-20')]]), home);
    expect((await later.manifest(STABLE))?.manifest.date).toBe('2026-11-20');
    const older = await openSigned(new Map([[path, await manifestOf('2026-11-19')]]), home);
    await expect(older.manifest(STABLE)).rejects.toMatchObject({
      code: 'LIB_CHANNEL_ROLLBACK',
      kind: 'security',
      message: `${path}: of 2026-11-19, expected 2026-11-20 or later, which was seen before`,
    });
    const same = await openSigned(new Map([[path, await manifestOf('2026-11-20')]]), home);
    expect((await same.manifest(STABLE))?.manifest.date).toBe('2026-11-20');
  });

  it('a manifest of another day than its path says is refused', async () => {
    const dated = { channel: 'nightly', date: '2026-11-21' };
    const snapshot = await openSigned(new Map([[manifestPath(dated), await manifestOf('2026-11-20')]]));
    await expect(snapshot.manifest(dated)).rejects.toMatchObject({ code: 'LIB_CHANNEL_DATE' });
  });

  it('a release of rustup without a version is refused', async () => {
    const bytes = new TextEncoder().encode(`schema-version = '1'\n`);
    const snapshot = await openSigned(new Map([['rustup/release-stable.toml', bytes]]));
    await expect(snapshot.rustupRelease()).rejects.toMatchObject({ code: 'LIB_RUSTUP_RELEASE' });
    expect(await (await openSigned(new Map())).rustupRelease()).toBeUndefined();
  });
});

describe('remembered dates', () => {
  it('that are damaged are refused, and not taken for none', async () => {
    const damaged = [
      '',
      '{}',
      '{"dates":{"a":1},"format":1}',
      '{"dates":{"a":"2026-13-01"},"format":1}',
      '{"format":2}',
    ];
    for (const text of damaged) {
      const home = await makeHome();
      const store = await openFolderStore(home.root);
      await store.replace(0, new Map([['channels', new TextEncoder().encode(text)]]));
      const { releases } = await open([(await mirror()).url], { home });
      await expect((await releases.sync()).manifest(STABLE)).rejects.toMatchObject({
        code: 'LIB_CHANNEL_DATES',
      });
    }
  });
});

describe('frozen releases', () => {
  it('are refused once they have expired, and give offline what they gave before', async () => {
    const { releases } = await open([(await mirror()).url]);
    await (await releases.sync()).manifest(STABLE);
    clock.advance(8 * DAY);
    await expect(releases.sync()).rejects.toMatchObject({ code: 'CLIENT_EXPIRED' });
    expect((await (await releases.openOffline()).manifest(STABLE))?.manifest.date).toBe('2026-11-20');
  });
});
