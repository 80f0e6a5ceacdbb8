// The proxy between the unmodified cargo and the world: runs, restarts, strangers, slow and distant mirrors.

import { spawn, spawnSync } from 'node:child_process';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import { holdProxy, openSecret, proveProxy, readProxyStatus } from '@cargo-tuf/local-proxy';
import { HonestRepository, SimulatedClock } from '@cargo-tuf/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeProject } from '../../../../tools/fixtures/debian-project.ts';
import { type Mirror, type MirrorAnswer, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import {
  archivesOf,
  entriesOf,
  SMALL_CRATES,
  smallCrate,
} from '../../../../tools/fixtures/small-registry.ts';
import { CARGO_TUF, Developer } from './developer.ts';
import { hasCargo, hasOpenssl, NO_CARGO } from './tools.ts';

let honest: HonestRepository;
let mirror: Mirror;
let developer: Developer;
let bend: ((path: string) => MirrorAnswer | Promise<MirrorAnswer> | undefined) | undefined;

const serve = (path: string): MirrorAnswer | Promise<MirrorAnswer> =>
  bend?.(path) ?? honest.files.get(path) ?? null;

async function publish(version: string): Promise<void> {
  const more = [
    ...SMALL_CRATES,
    smallCrate('greeting', version, 'pub fn greet() -> String { wording::hello().into() }\n', {
      wording: '0.3',
    }),
  ];
  for (const [path, bytes] of archivesOf(more)) honest.files.set(path, bytes);
  await honest.publish({ entries: await entriesOf(more) });
}

beforeEach(async ctx => {
  ctx.skip(!hasCargo, NO_CARGO);
  honest = await HonestRepository.create({ clock: new SimulatedClock(Date.now()) });
  await honest.publish({ entries: await entriesOf(SMALL_CRATES) });
  for (const [path, bytes] of archivesOf(SMALL_CRATES)) honest.files.set(path, bytes);
  mirror = await startMirror(serve);
  developer = await Developer.create();
  await developer.trust(honest.root, [mirror.url]);
  await writeProject(developer.project, { greeting: '"1"', farewell: '"0.1"' });
});

afterEach(async () => {
  bend = undefined;
  await developer?.tuf(['disable']);
  await mirror?.close();
  await developer?.remove();
});

describe('a run of cargo', () => {
  it('sees one snapshot, whatever is published meanwhile', async () => {
    expect((await developer.tuf(['enable'])).code).toBe(0);
    let published: Promise<void> | undefined;
    bend = path => {
      if (path.startsWith('targets/fa')) published ??= publish('1.9.0');
      return undefined;
    };
    expect((await developer.cargo(['build'])).code).toBe(0);
    expect(published).toBeDefined();
    expect(await readFile(`${developer.project}/Cargo.lock`, 'utf8')).not.toContain('1.9.0');
    await new Promise(resolve => setTimeout(resolve, 16_000));
    expect((await developer.cargo(['update'])).code).toBe(0);
    expect(await readFile(`${developer.project}/Cargo.lock`, 'utf8')).toContain('1.9.0');
  });

  it('gets archives without asking for the index first', async () => {
    expect((await developer.tuf(['enable'])).code).toBe(0);
    expect((await developer.cargo(['fetch'])).code).toBe(0);
    for (const folder of ['cache', 'src'])
      await rm(`${developer.cargoHome}/registry/${folder}`, { recursive: true });
    await developer.tuf(['disable']);
    expect((await developer.tuf(['enable'])).code).toBe(0);
    const ended = await developer.cargo(['build', '--locked']);
    expect(ended.stderr).toContain('Downloaded greeting v1.1.0');
    expect(ended.stderr).not.toContain('Updating');
    expect(ended.code).toBe(0);
  });

  it('survives a restart of the proxy', async () => {
    expect((await developer.tuf(['enable'])).code).toBe(0);
    let restarted: Promise<unknown> | undefined;
    bend = path => {
      if (!path.startsWith('crates/greeting') || restarted !== undefined) return undefined;
      restarted = restartProxy();
      return restarted.then(() => honest.files.get(path) ?? null);
    };
    const ended = await developer.cargo(['build']);
    await restarted;
    expect(ended.stderr).toContain('Finished');
    expect(ended.code).toBe(0);
  });

  it('shares its proxy with another run', async () => {
    const other = `${developer.folder}/other`;
    await writeProject(other, { greeting: '"1.0"' });
    const [first, second] = await Promise.all([
      developer.tuf(['build']),
      developer.run(
        process.execPath,
        [CARGO_TUF, 'build', '--target-dir', `${developer.folder}/other-target`],
        other,
      ),
    ]);
    expect(first.stderr).toContain('Finished');
    expect(second.stderr).toContain('Finished');
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(await readdir(`${developer.cargoHome}/registry/cache`)).toHaveLength(1);
  });

  it('passes arguments and exit codes through', async () => {
    await writeFile(
      `${developer.project}/src/main.rs`,
      'fn main() { std::process::exit(std::env::args().count() as i32 + 40) }\n',
    );
    expect((await developer.tuf(['run', '--quiet', '--', '--offline', 'b'])).code).toBe(43);
    expect((await developer.tuf(['build', '--no-such-option'])).code).toBe(1);
    expect((await developer.tuf(['--', '--version'])).stdout).toMatch(/^cargo 1\./);
  });
});

describe('a stranger on the port', () => {
  let stranger: ReturnType<typeof createHttpServer>;
  const asked: string[] = [];

  beforeEach(async () => {
    asked.length = 0;
    stranger = createHttpServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(
        request.url?.endsWith('config.json')
          ? `{"dl":"http://127.0.0.1:${developer.port}/dl"}`
          : 'ab'.repeat(32),
      );
    });
    await new Promise<void>(resolve => stranger.listen(developer.port, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    stranger.closeAllConnections();
    await new Promise(resolve => stranger.close(resolve));
  });

  it('is not used by cargo tuf, which says so', async () => {
    const ended = await developer.tuf(['build']);
    expect(ended.stderr).toContain(
      `port ${developer.port} is taken by a program that is not this user's proxy`,
    );
    expect(ended.code).toBe(0);
    expect(asked.filter(path => !path.startsWith('/.cargo-tuf/proof'))).toEqual([]);
  });

  it('is not enabled, and the refusal has a code', async () => {
    const ended = await developer.tuf(['enable']);
    expect(ended.stderr).toContain('cargo-tuf: code: APP_PORT_TAKEN');
    expect(ended.code).toBe(4);
    await expect(readFile(`${developer.cargoHome}/config.toml`)).rejects.toThrow('ENOENT');
  });
});

describe('a mirror', () => {
  it('that answers after 25 seconds is waited for', async () => {
    expect((await developer.tuf(['enable'])).code).toBe(0);
    let slow = true;
    bend = path => {
      if (path !== 'metadata/timestamp.json' || !slow) return undefined;
      slow = false;
      return { after: 25_000, bytes: honest.files.get(path) ?? null };
    };
    const ended = await developer.cargo(['build']);
    expect(ended.stderr).toContain('Finished');
    expect(ended.code).toBe(0);
  });

  it.each(['http_proxy', 'CARGO_HTTP_PROXY'])(
    'is reached through an HTTP proxy that %s names',
    async variable => {
      const tunnels: string[] = [];
      const proxy = createHttpServer((_, response) => response.writeHead(405).end());
      proxy.on('connect', (request, socket) => {
        tunnels.push(request.url ?? '');
        const upstream = connect(Number(new URL(mirror.url).port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          upstream.pipe(socket).pipe(upstream);
        });
        upstream.on('error', () => socket.destroy());
        socket.on('error', () => upstream.destroy());
      });
      await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
      const { port } = proxy.address() as { port: number };
      developer.environment[variable] = `http://127.0.0.1:${port}`;
      const ended = await developer.tuf(['build']);
      proxy.closeAllConnections();
      proxy.close();
      expect(ended.stderr).toContain('Finished');
      expect(ended.code).toBe(0);
      expect(tunnels).toContain(new URL(mirror.url).host);
    },
  );

  it('with a certificate of a private authority is reached when that is configured', async ctx => {
    ctx.skip(!hasOpenssl, 'needs the openssl command');
    const { ca, key, certificate } = makeCertificates(developer.folder);
    const secure = await startMirror(serve, {
      server: createHttpsServer({ key: await readFile(key), cert: await readFile(certificate) }),
    });
    await developer.tuf(['trust', 'remove', 'crates-io']);
    await developer.trust(honest.root, [secure.url]);
    const refused = await developer.tuf(['build']);
    expect(refused.stderr).toContain('[HTTP_TLS]');
    developer.environment['CARGO_HTTP_CAINFO'] = ca;
    const ended = await developer.tuf(['build']);
    await secure.close();
    expect(ended.stderr).toContain('Finished');
    expect(ended.code).toBe(0);
  });

  it('that lies is left for the next one', async () => {
    const liar = await startMirror(path =>
      path.startsWith('targets/') ? new Uint8Array([1, 2, 3]) : serve(path),
    );
    await developer.tuf(['trust', 'remove', 'crates-io']);
    await developer.trust(honest.root, [liar.url, mirror.url]);
    const ended = await developer.tuf(['build']);
    await liar.close();
    expect(ended.stderr).toContain('Finished');
    expect(ended.code).toBe(0);
  });
});

/** Ends the background proxy the hard way, and starts it again. */
async function restartProxy(): Promise<void> {
  const secret = await openSecret(`${developer.cargoHome}/tuf/proxy-secret`);
  const { pid } = await readProxyStatus(developer.port, secret);
  const held = await holdProxy(developer.port, secret);
  process.kill(pid, 'SIGKILL');
  await held.ended;
  const child = spawn(process.execPath, [CARGO_TUF, 'proxy', '--background'], {
    cwd: developer.project,
    env: developer.environment,
    stdio: 'ignore',
  });
  await new Promise(resolve => child.on('close', resolve));
  expect(await proveProxy(developer.port, secret)).toBe('ours');
}

function makeCertificates(folder: string): { ca: string; key: string; certificate: string } {
  const file = (name: string) => `${folder}/${name}`;
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-subj',
    '/CN=Test authority',
    '-days',
    '2',
  );
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file('server.key'),
    '-out',
    file('server.csr'),
    '-subj',
    '/CN=127.0.0.1',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    file('server.csr'),
    '-CA',
    file('ca.pem'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-out',
    file('server.pem'),
    '-days',
    '2',
    '-copy_extensions',
    'copy',
  );
  return { ca: file('ca.pem'), key: file('server.key'), certificate: file('server.pem') };
}
