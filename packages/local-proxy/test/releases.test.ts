// What rustup gets: manifests as they were signed, explanations in place of refusals, files that end only when they are verified.

import { connect } from 'node:net';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import {
  ARCHIVE_PATH,
  BASE,
  COMPONENT,
  fileOf,
  hashOf,
  INSTALLER,
  INSTALLER_PATH,
  MANIFEST,
  MANIFEST_HASH,
  Releases,
  runReleases,
  RUSTUP,
  STABLE,
} from './fake-releases.ts';
import {
  atEnd,
  cargoHeaders,
  CONFIG,
  gate,
  raw,
  refused,
  Registry,
  request,
  run,
  SECRET,
  until,
} from './loopback.ts';
import { startProxy } from '@cargo-tuf/local-proxy';

const text = (body: string): string => Buffer.from(body, 'latin1').toString('utf8');

describe('manifests', () => {
  test('are the signed bytes, and the checksum is made of them', async () => {
    const { proxy, releases, events } = await runReleases();
    const checksum = await request(proxy.port, `${BASE}${STABLE}.sha256`);
    expect(checksum).toMatchObject({ status: 200, body: `${MANIFEST_HASH}  channel-rust-stable.toml\n` });
    const manifest = await request(proxy.port, `${BASE}${STABLE}`);
    expect(manifest).toMatchObject({ status: 200, body: MANIFEST.toString() });
    expect(manifest.headers.get('etag')).toBe(`"${MANIFEST_HASH}"`);
    expect(releases.asked).toEqual([STABLE, STABLE]);
    expect(releases.pins).toBe(1);
    expect(events.map(event => event.kind)).toEqual(['served', 'served']);
  });
  test('that no role lists are absent', async () => {
    const { proxy, events } = await runReleases();
    for (const path of ['dist/channel-rust-1.95.0.toml', 'dist/2026-11-20/channel-rust-nightly.toml'])
      for (const end of ['', '.sha256'])
        expect((await request(proxy.port, BASE + path + end)).status).toBe(404);
    expect(new Set(events.map(event => event.kind))).toEqual(new Set(['absent']));
  });
  test('HEAD has the headers and no body', async () => {
    const { proxy } = await runReleases();
    for (const path of [STABLE, `${STABLE}.sha256`, ARCHIVE_PATH, 'rustup/release-stable.toml']) {
      const head = await request(proxy.port, BASE + path, { method: 'HEAD' });
      expect(head).toMatchObject({ status: 200, body: '' });
    }
  });
  test('release-stable.toml is the signed one', async () => {
    const { proxy, releases } = await runReleases();
    const answer = await request(proxy.port, `${BASE}rustup/release-stable.toml`);
    expect(answer).toMatchObject({ status: 200, body: RUSTUP.toString() });
    releases.onRustup = async () => undefined;
    expect((await request(proxy.port, `${BASE}rustup/release-stable.toml`)).status).toBe(404);
  });
});

describe('an explanation', () => {
  const sentence =
    'TUF verification FAILED: dist/channel-rust-stable.toml: timestamp: expired 3 days ago [TEST_EXPIRED] tell the maintainers\n';

  test('stands in place of the manifest, with its own checksum', async () => {
    const { proxy, releases, events } = await runReleases();
    releases.onManifest = () => Promise.reject(refused());
    const checksum = await request(proxy.port, `${BASE}${STABLE}.sha256`);
    const manifest = await request(proxy.port, `${BASE}${STABLE}`);
    expect(manifest).toMatchObject({ status: 200, body: sentence });
    expect(checksum.body).toBe(`${hashOf(Buffer.from(sentence))}  channel-rust-stable.toml\n`);
    expect(events).toMatchObject([
      { kind: 'refused', status: 200 },
      { kind: 'refused', status: 200 },
    ]);
  });
  test('of an unusable state is the same for both, although the state is pinned again', async () => {
    const { proxy, releases, clock } = await runReleases();
    releases.onPin = count => Promise.reject(refused(`attempt ${count}`));
    const checksum = await request(proxy.port, `${BASE}${STABLE}.sha256`);
    clock.time += 5000;
    const manifest = await request(proxy.port, `${BASE}${STABLE}`);
    expect(checksum.body.slice(0, 64)).toBe(hashOf(Buffer.from(manifest.body)));
    expect(manifest.body).toContain('attempt 1');
  });
  test('is forgotten with the next checksum', async () => {
    const { proxy, releases } = await runReleases();
    releases.onManifest = () => Promise.reject(refused());
    await request(proxy.port, `${BASE}${STABLE}.sha256`);
    releases.onManifest = async () => ({ bytes: MANIFEST, sha256: MANIFEST_HASH });
    expect((await request(proxy.port, `${BASE}${STABLE}`)).body).toBe(sentence);
    expect((await request(proxy.port, `${BASE}${STABLE}.sha256`)).body).toContain(MANIFEST_HASH);
    expect((await request(proxy.port, `${BASE}${STABLE}`)).body).toBe(MANIFEST.toString());
  });
  test('of a manifest that was right a moment ago matches no checksum', async () => {
    const { proxy, releases } = await runReleases();
    await request(proxy.port, `${BASE}${STABLE}.sha256`);
    releases.onManifest = () => Promise.reject(refused());
    const manifest = await request(proxy.port, `${BASE}${STABLE}`);
    expect(manifest.body).toBe(sentence);
  });
  test('stands in place of release-stable.toml', async () => {
    const { proxy, releases } = await runReleases();
    releases.onRustup = () => Promise.reject(refused());
    const answer = await request(proxy.port, `${BASE}rustup/release-stable.toml`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(
      /^TUF verification FAILED: rustup\/release-stable\.toml: .+ \[TEST_EXPIRED\]/,
    );
  });
  test.each([
    ['a manifest', MANIFEST.toString()],
    ['line ends', '\n\nmanifest-version = "2"\r\n'],
    ['control characters', '\u001b[2J\u202e\u0000'.repeat(100)],
    ['much', 'x'.repeat(5000)],
    ['an end of a string', '"\'"""\n[a]\nb = 1'],
  ])('whose message holds %s is one printable line that is no TOML', async (_, message) => {
    const { proxy, releases } = await runReleases();
    releases.onManifest = () => Promise.reject(refused(message, 'TEST_CODE'));
    const body = text((await request(proxy.port, `${BASE}${STABLE}`)).body);
    expect(body.length).toBeLessThanOrEqual(512);
    expect(body).toMatch(/^TUF verification FAILED: [^\n]+ \[TEST_CODE\] tell the maintainers\n$/);
    expect(body.trimEnd()).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(() => parseToml(body)).toThrow();
  });
  test('of a defect names no cause; the log has it', async () => {
    const { proxy, releases, events } = await runReleases();
    releases.onManifest = () => Promise.reject(new TypeError('secret.ts:3'));
    const { body } = await request(proxy.port, `${BASE}${STABLE}`);
    expect(body).toContain('a defect of the proxy [INTERNAL]');
    expect(body).not.toContain('secret.ts:3');
    expect(events[0]).toMatchObject({ kind: 'failed' });
    expect(events[0]?.message).toContain('secret.ts:3');
  });
  test('is given where no releases are trusted', async () => {
    const { proxy } = await run();
    expect((await request(proxy.port, `${BASE}${STABLE}`)).body).toContain('[PROXY_NO_RELEASES]');
    expect((await request(proxy.port, `${BASE}${ARCHIVE_PATH}`)).status).toBe(403);
  });
});

describe('archives and installers', () => {
  test('arrive whole, with length and tag', async () => {
    const { proxy, events } = await runReleases();
    const archive = await request(proxy.port, BASE + ARCHIVE_PATH);
    expect(archive).toMatchObject({ status: 200, body: COMPONENT.toString() });
    expect(archive.headers.get('content-length')).toBe(String(COMPONENT.length));
    expect(archive.headers.get('etag')).toBe(`"${hashOf(COMPONENT)}"`);
    expect((await request(proxy.port, BASE + INSTALLER_PATH)).body).toBe(INSTALLER.toString());
    expect(events.map(event => event.kind)).toEqual(['served', 'served']);
  });
  test('that no manifest names are refused', async () => {
    const { proxy, events } = await runReleases();
    const answer = await request(proxy.port, `${BASE}dist/2026-11-20/evil-1.0.0.tar.gz`);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('[PROXY_NO_ARCHIVE]');
    expect(events).toMatchObject([{ kind: 'refused' }]);
    const installer = await request(proxy.port, BASE + INSTALLER_PATH.replace('1.30.0', '1.31.0'));
    expect(installer.status).toBe(404);
  });
  test.each([
    ['with a length', 30],
    ['without a length', undefined],
  ])('%s never come to an end that is not verified', async (_, length) => {
    const { proxy, releases, events } = await runReleases();
    const pieces = ['0123456789', 'abcdefghij', 'ABCDEFGHIJ'].map(each => Buffer.from(each));
    releases.onArchive = async () =>
      fileOf(pieces, {
        length,
        end: refused('sha256 of another file', 'TEST_HASH'),
        onPiece: () => new Promise(resolve => setTimeout(resolve, 20)),
      });
    const seen = await raw(proxy.port, `GET ${BASE}${ARCHIVE_PATH} HTTP/1.1\r\n${cargoHeaders(proxy.port)}`);
    expect(seen).toContain('0123456789');
    expect(seen).not.toContain('ABCDEFGHIJ');
    expect(seen.endsWith('0\r\n\r\n')).toBe(false);
    await until(() => events.length > 0);
    expect(events).toMatchObject([{ kind: 'refused', status: 200 }]);
    expect(events[0]?.message).toContain('[TEST_HASH]');
  });
  test('that are wrong from the first piece on are refused with a status', async () => {
    const { proxy, releases } = await runReleases();
    releases.onInstaller = async () => ({
      sha256: hashOf(INSTALLER),
      open: () => Promise.reject(refused('sha256 of another file', 'TEST_HASH')),
    });
    const answer = await request(proxy.port, BASE + INSTALLER_PATH);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('[TEST_HASH]');
  });
  test.each([
    ['short', 20],
    ['long', 50],
  ])('whose length was told too %s break', async (_, length) => {
    const { proxy, releases, events } = await runReleases();
    const pieces = ['0123456789', 'abcdefghij', 'ABCDEFGHIJ', 'klmnopqrst'].map(each => Buffer.from(each));
    // What is written has left before the next piece comes.
    const onPiece = () => new Promise<void>(resolve => setTimeout(resolve, 20));
    releases.onArchive = async () => fileOf(pieces, { length, onPiece });
    const { body } = await request(proxy.port, BASE + ARCHIVE_PATH);
    expect(body.length).toBeLessThan(Math.min(length, 40));
    await until(() => events.length > 0);
    expect(events[0]?.message).toContain('[PROXY_LENGTH]');
  });
  test('of no bytes are whole at once', async () => {
    const { proxy, releases } = await runReleases();
    releases.onArchive = async () => fileOf([]);
    const answer = await request(proxy.port, BASE + ARCHIVE_PATH);
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers.get('content-length')).toBe('0');
  });
  test('a tag that is none breaks no header', async () => {
    const { proxy, releases, events } = await runReleases();
    releases.onArchive = async () => ({ ...fileOf([COMPONENT]), sha256: 'a\r\nX: y' });
    const answer = await request(proxy.port, BASE + ARCHIVE_PATH);
    expect(answer.headers.has('x')).toBe(false);
    expect(events.at(-1)?.kind).toBe('failed');
  });
});

describe('Range', () => {
  const pieces = ['0123456789', 'abcdefghij'].map(each => Buffer.from(each));

  test.each([
    ['bytes=0-', '0123456789abcdefghij', 'bytes 0-19/20'],
    ['bytes=3-', '3456789abcdefghij', 'bytes 3-19/20'],
    ['bytes=10-', 'abcdefghij', 'bytes 10-19/20'],
    ['bytes=19-', 'j', 'bytes 19-19/20'],
  ])('%s gives what is missing', async (range, body, content) => {
    const { proxy, releases } = await runReleases();
    releases.onArchive = async () => fileOf(pieces);
    const answer = await request(proxy.port, BASE + ARCHIVE_PATH, { headers: [`Range: ${range}`] });
    expect(answer).toMatchObject({ status: 206, body });
    expect(answer.headers.get('content-range')).toBe(content);
    expect(answer.headers.get('content-length')).toBe(String(body.length));
  });
  test.each(['bytes=20-', 'bytes=999999999999999-'])('%s has nothing to give', async range => {
    const { proxy, releases } = await runReleases();
    releases.onArchive = async () => fileOf(pieces);
    const answer = await request(proxy.port, BASE + ARCHIVE_PATH, { headers: [`Range: ${range}`] });
    expect(answer).toMatchObject({ status: 416, body: '' });
    expect(answer.headers.get('content-range')).toBe('bytes */20');
  });
  test.each([
    ['Range: bytes=1-2'],
    ['Range: bytes=-5'],
    ['Range: bytes=1-,3-'],
    ['Range: lines=1-'],
    ['Range: bytes=9999999999999999-'],
    ['Range: bytes=1-', 'Range: bytes=2-'],
    ['Range: bytes=1-', 'If-Range: "x"'],
  ])('%s %s gives the whole', async (...headers) => {
    const { proxy, releases } = await runReleases();
    releases.onArchive = async () => fileOf(pieces);
    const answer = await request(proxy.port, BASE + ARCHIVE_PATH, { headers: headers.filter(Boolean) });
    expect(answer).toMatchObject({ status: 200, body: '0123456789abcdefghij' });
  });
  test('of a file whose length nobody knows gives the whole', async () => {
    const { proxy, releases } = await runReleases();
    releases.onArchive = async () => fileOf(pieces, { length: undefined });
    const answer = await request(proxy.port, BASE + ARCHIVE_PATH, { headers: ['Range: bytes=3-'] });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('transfer-encoding')).toBe('chunked');
  });
  test('of a wrong file comes to no end, wherever it begins', async () => {
    const { proxy, releases } = await runReleases();
    releases.onArchive = async () => fileOf(pieces, { end: refused() });
    const answer = await request(proxy.port, BASE + ARCHIVE_PATH, { headers: ['Range: bytes=15-'] });
    expect(answer.body).toBe('');
  });
});

describe('a client', () => {
  test('that does not read stops the source, and ends it by going away', async () => {
    const { proxy, releases } = await runReleases();
    let given = 0;
    let closed = false;
    const piece = new Uint8Array(1 << 20);
    releases.onArchive = async () =>
      fileOf(
        Array.from({ length: 200 }, () => piece),
        { onPiece: () => void (given += 1), onClose: () => void (closed = true) },
      );
    const socket = connect(proxy.port, '127.0.0.1');
    atEnd(() => socket.destroy());
    socket.pause();
    socket.write(`GET ${BASE}${ARCHIVE_PATH} HTTP/1.1\r\n${cargoHeaders(proxy.port)}`);
    await until(() => given > 0);
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(given).toBeLessThan(50);
    expect(closed).toBe(false);
    socket.destroy();
    await until(() => closed);
  });
  test('that goes away ends the source, and is no refusal', async () => {
    const { proxy, releases, events } = await runReleases();
    const signals: AbortSignal[] = [];
    const slow = gate();
    releases.onArchive = async () =>
      fileOf([COMPONENT, COMPONENT, COMPONENT], {
        onOpen: signal => void signals.push(signal),
        onPiece: at => (at === 2 ? slow.opened : undefined),
      });
    const socket = connect(proxy.port, '127.0.0.1');
    socket.write(`GET ${BASE}${ARCHIVE_PATH} HTTP/1.1\r\n${cargoHeaders(proxy.port)}`);
    await until(() => signals.length > 0);
    socket.destroy();
    await until(() => signals[0]?.aborted === true);
    slow.open();
    expect((await request(proxy.port, BASE + STABLE)).status).toBe(200);
    expect(events.map(event => event.kind)).toEqual(['served']);
  });
  test('that waits longer than others may is answered', async () => {
    const { proxy, releases } = await runReleases({ limits: { idle: 50, answer: 50 } });
    const slow = gate();
    releases.onManifest = async () => {
      await slow.opened;
      return { bytes: MANIFEST, sha256: MANIFEST_HASH };
    };
    const answer = request(proxy.port, BASE + STABLE, { wait: 2000 });
    await new Promise(resolve => setTimeout(resolve, 300));
    slow.open();
    expect(await answer).toMatchObject({ status: 200, body: MANIFEST.toString() });
  });
});

describe('a refusal of an archive', () => {
  const other = ARCHIVE_PATH.replace('rustc', 'cargo');

  test('waits until the others are there, and rustup has unpacked them', async () => {
    const { proxy, releases, events } = await runReleases({ limits: { unpacking: 200 } });
    const slow = gate();
    releases.onArchive = async path =>
      path === other ? fileOf([COMPONENT, COMPONENT], { onPiece: () => slow.opened }) : undefined;
    const good = request(proxy.port, BASE + other, { wait: 3000 });
    await until(() => releases.asked.length > 0);
    const bad = request(proxy.port, BASE + ARCHIVE_PATH, { wait: 3000 });
    await until(() => releases.asked.length > 1);
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(events).toEqual([]);
    slow.open();
    expect((await good).status).toBe(200);
    const unpacked = Date.now();
    expect((await bad).status).toBe(403);
    expect(Date.now() - unpacked).toBeGreaterThan(100);
    expect(events.map(event => event.kind)).toEqual(['served', 'refused']);
  });
  test('waits for no other refusal', async () => {
    const { proxy, releases } = await runReleases({ limits: { unpacking: 60_000 } });
    releases.onArchive = async () => fileOf([COMPONENT, COMPONENT], { end: refused(), length: undefined });
    const answers = await Promise.all([ARCHIVE_PATH, other].map(path => request(proxy.port, BASE + path)));
    expect(answers.map(answer => answer.body.endsWith('0\r\n\r\n'))).toEqual([false, false]);
  });
  test('is not waited for by a client that left', async () => {
    const { proxy, releases, events } = await runReleases({ limits: { unpacking: 60_000 } });
    await request(proxy.port, BASE + ARCHIVE_PATH);
    releases.onArchive = async () => fileOf([COMPONENT, COMPONENT], { end: refused() });
    expect((await request(proxy.port, BASE + ARCHIVE_PATH)).body).toBe(COMPONENT.toString());
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(events.map(event => event.kind)).toEqual(['served']);
  });
  test('of a manifest waits for nothing', async () => {
    const { proxy, releases } = await runReleases({ limits: { unpacking: 60_000 } });
    await request(proxy.port, BASE + ARCHIVE_PATH);
    releases.onManifest = () => Promise.reject(refused());
    expect((await request(proxy.port, BASE + STABLE)).body).toContain('TUF verification FAILED');
  });
});

describe('targets outside of the grammar', () => {
  const outside = [
    // Version 1.
    'dist/channel-rust-stable',
    'dist/channel-rust-stable.sha256',
    'dist/2026-11-20/channel-rust-nightly',
    'dist/2026-11-20/channel-rust-nightly.sha256',
    'dist/rust-1.95.0-x86_64-unknown-linux-gnu.tar.gz',
    'dist/rust-1.95.0-x86_64-unknown-linux-gnu.tar.gz.sha256',
    'dist/staging/channel-rust-stable.toml',
    'dist/index.html',
    // Checksums and signatures of other files.
    `${ARCHIVE_PATH}.sha256`,
    `${ARCHIVE_PATH}.asc`,
    `${INSTALLER_PATH}.sha256`,
    `${STABLE}.asc`,
    `${STABLE}.sha256.sha256`,
    'rustup/release-stable.toml.sha256',
    // Spellings of what is inside.
    'dist/../dist/channel-rust-stable.toml',
    'dist//channel-rust-stable.toml',
    '/dist/channel-rust-stable.toml',
    'dist/./channel-rust-stable.toml',
    'dist/channel-rust-stable%2etoml',
    'dist/channel-rust-stable.toml?',
    'dist/channel-rust-stable.toml#',
    'dist/channel-rust-stable.toml%00',
    'dist/channel-rust-stable.toml/',
    'dist%2fchannel-rust-stable.toml',
    'dist/channel-rust-Stable.toml',
    'DIST/channel-rust-stable.toml',
    'dist/channel-rust-x.toml',
    'dist/channel-rust-01.95.0.toml',
    'dist/2026-02-30/channel-rust-nightly.toml',
    'dist/2026-11-20/../channel-rust-nightly.toml',
    'dist/2026-02-30/rustc-nightly.tar.xz',
    'dist/2026-11-20/a/rustc-nightly.tar.xz',
    'dist/2026-11-20/../rustc-nightly.tar.xz',
    'dist/2026-11-20/..tar.xz',
    'dist/2026-11-20/.tar.xz',
    'dist/2026-11-20/rustc%20nightly.tar.xz',
    'dist/2026-11-20/rustc-nightly.tar',
    'dist/2026-11-20/rustc-nightly.tar.bz2',
    `dist/2026-11-20/${'a'.repeat(300)}.tar.xz`,
    'dist/rustc-nightly.tar.xz',
    'rustup/archive/1.30.0/x86_64-unknown-linux-gnu/rustup-init.sh',
    'rustup/archive/1.30.0/x86_64-unknown-linux-gnu/../rustup-init',
    'rustup/archive/1.30.0/../rustup-init',
    'rustup/archive/1.30/x86_64-unknown-linux-gnu/rustup-init',
    'rustup/archive/v1.30.0/x86_64-unknown-linux-gnu/rustup-init',
    'rustup/archive/1.30.0/linux/rustup-init',
    'rustup/dist/x86_64-unknown-linux-gnu/rustup-init',
    'metadata/timestamp.json',
    'targets/dist/channel-rust-stable.toml',
    'crates-root/1.root.json',
    'index/config.json',
    '',
  ];
  test.each(outside)('"%s" is refused, and nothing is asked for', async path => {
    const { proxy, releases, registry } = await runReleases();
    const answer = await request(proxy.port, BASE + path);
    expect(answer.status === 400 || answer.status === 403).toBe(true);
    expect([releases.pins, registry.pins]).toEqual([0, 0]);
  });
  test.each(['stable', 'beta', 'nightly', '1.95', '1.95.0', '1.96.0-beta.3'])(
    'the channel %s is inside',
    async channel => {
      const { proxy, releases } = await runReleases();
      for (const date of ['', '2026-11-20/'])
        await request(proxy.port, `${BASE}dist/${date}channel-rust-${channel}.toml`);
      expect(releases.asked).toEqual([
        `dist/channel-rust-${channel}.toml`,
        `dist/2026-11-20/channel-rust-${channel}.toml`,
      ]);
    },
  );
  test('an installer of Windows is inside', async () => {
    const { proxy, releases } = await runReleases();
    const path = 'rustup/archive/1.30.0/x86_64-pc-windows-msvc/rustup-init.exe';
    await request(proxy.port, BASE + path);
    expect(releases.asked).toEqual([path]);
  });
});

describe('requests that rustup never sends', () => {
  test.each([
    ['Host: evil.example', 421],
    ['Origin: http://evil.example', 403],
    ['Content-Length: 3', 400],
    ['Transfer-Encoding: chunked', 400],
  ])('%s', async (header, status) => {
    const { proxy, releases } = await runReleases();
    const host = header.startsWith('Host') ? '' : `Host: 127.0.0.1:${proxy.port}\r\n`;
    const seen = await raw(
      proxy.port,
      `GET ${BASE}${STABLE} HTTP/1.1\r\n${host}${header}\r\nConnection: close\r\n\r\nabc`,
    );
    expect(Number(seen.split(' ')[1])).toBe(status);
    expect(releases.pins).toBe(0);
  });
});

test('a run sees one state of releases, and registries have their own', async () => {
  const { proxy, releases, registry, clock } = await runReleases();
  await request(proxy.port, BASE + STABLE);
  clock.time += 1000;
  await request(proxy.port, BASE + ARCHIVE_PATH);
  await request(proxy.port, CONFIG);
  expect([releases.pins, registry.pins]).toEqual([1, 1]);
  clock.time += 60_000;
  await request(proxy.port, BASE + STABLE);
  expect(releases.pins).toBe(2);
});

test('a run lives while a file is sent', async () => {
  const { proxy, releases, clock } = await runReleases();
  const slow = gate();
  releases.onArchive = async () =>
    fileOf([COMPONENT, COMPONENT], { onPiece: at => (at === 1 ? slow.opened : undefined) });
  const answer = request(proxy.port, BASE + ARCHIVE_PATH, { wait: 2000 });
  await until(() => releases.asked.length > 0);
  clock.time += 60_000;
  await request(proxy.port, BASE + STABLE);
  expect(releases.pins).toBe(1);
  slow.open();
  expect((await answer).body).toBe(COMPONENT.toString().repeat(2));
});

test('no registry takes the name of the releases', async () => {
  const options = { port: 0, secret: SECRET, clock: Date.now };
  await expect(startProxy({ ...options, registries: [new Registry('rust-releases')] })).rejects.toMatchObject(
    {
      code: 'PROXY_ARGUMENT',
    },
  );
});

test('releases can come and go', async () => {
  let releases: Releases | undefined;
  const { proxy } = await run({ releases: () => releases });
  expect((await request(proxy.port, BASE + STABLE)).body).toContain('[PROXY_NO_RELEASES]');
  releases = new Releases();
  expect((await request(proxy.port, BASE + STABLE)).body).toBe(MANIFEST.toString());
});
