// Servers that do not end, and a git that is missing, old or stuck.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDeflate } from 'node:zlib';
import { type GitRepository, initRepository, openGitRepository } from '@cargo-tuf/git-transport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { code, temporaryFolder, text } from './folders.ts';

async function open(limits: Parameters<typeof initRepository>[1] = {}): Promise<GitRepository> {
  const repository = await initRepository(temporaryFolder(), { protocols: ['https', 'http'], ...limits });
  onTestFinished(() => repository.close());
  return repository;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.git`;
}

const line = (value: string): string => (value.length + 4).toString(16).padStart(4, '0') + value;
const ID = 'ce013625030ba8dba906f756967f9e9ca394464a';
const REFSPECS = [{ from: 'refs/heads/main', to: 'refs/index/tip' }];

/** Answers the first question of git; `pack` the second. */
const gitServer =
  (pack: RequestListener): RequestListener =>
  (request, response) => {
    if (request.method === 'POST') {
      response.setHeader('Content-Type', 'application/x-git-upload-pack-result');
      return pack(request, response);
    }
    response.setHeader('Content-Type', 'application/x-git-upload-pack-advertisement');
    response.end(`${line('# service=git-upload-pack\n')}0000${line(`${ID} refs/heads/main\0\n`)}0000`);
  };

describe('a server', () => {
  it('that never answers is left after the time', async () => {
    const url = await serve(() => undefined);
    const repository = await open({ limits: { fetchMs: 500 } });
    await expect(repository.fetch({ url, refspecs: REFSPECS })).rejects.toMatchObject(code('GIT_TIMEOUT'));
    await expect(repository.remoteRefs({ url })).rejects.toMatchObject(code('GIT_TIMEOUT'));
  });

  it('is left when the caller stops', async () => {
    const url = await serve(() => undefined);
    const repository = await open();
    const controller = new AbortController();
    const fetched = repository.fetch({ url, refspecs: REFSPECS, signal: controller.signal });
    setTimeout(() => controller.abort('enough'), 300);
    await expect(fetched).rejects.toMatchObject({ code: 'GIT_ABORTED', cause: 'enough' });
    await expect(repository.remoteRefs({ url, signal: controller.signal })).rejects.toMatchObject(
      code('GIT_ABORTED'),
    );
  });

  it('that sends an object without end is left at the limit, and nothing stays', async () => {
    const url = await serve(
      gitServer((_, response) => {
        // One blob of a terabyte: type 3, the size in groups of bits.
        const entry = Buffer.from([0xb0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]);
        response.write(
          Buffer.concat([Buffer.from(`${line('NAK\n')}PACK`), Buffer.from([0, 0, 0, 2, 0, 0, 0, 1]), entry]),
        );
        const deflate = createDeflate({ level: 0 });
        deflate.pipe(response);
        const more = (): void => {
          while (!response.destroyed && deflate.write(Buffer.alloc(65_536, 1)));
          if (!response.destroyed) deflate.once('drain', more);
        };
        more();
      }),
    );
    const repository = await open({ limits: { packBytes: 4 << 20 } });
    await expect(repository.fetch({ url, refspecs: REFSPECS })).rejects.toMatchObject(code('GIT_LIMIT'));
    const packs = `${repository.folder}/objects/pack`;
    expect(readdirSync(packs).filter(name => name.startsWith('tmp_'))).toEqual([]);
    expect(await repository.refs('refs')).toEqual([]);
  });

  it('is told nothing of the caller but what he gave, and leads nowhere else', async () => {
    const headers: Record<string, unknown>[] = [];
    const elsewhere = await serve((request, response) => {
      headers.push({ elsewhere: request.url });
      response.end();
    });
    const url = await serve((request, response) => {
      headers.push(request.headers);
      response.writeHead(302, { Location: `${elsewhere}/info/refs?service=git-upload-pack` }).end();
    });
    const repository = await open();
    await expect(repository.remoteRefs({ url, authorization: 'Bearer x' })).rejects.toMatchObject(
      code('GIT_FAILED'),
    );
    expect(headers).toMatchObject([{ authorization: 'Bearer x' }]);
    await expect(repository.remoteRefs({ url })).rejects.toMatchObject(code('GIT_FAILED'));
    expect(headers[1]).not.toHaveProperty('authorization');
  });

  it('is reached through a proxy only when that is said', async () => {
    const seen: unknown[] = [];
    const proxy = await serve((request, response) => {
      seen.push(request.url);
      response.writeHead(403).end();
    });
    const url = await serve((_, response) => response.writeHead(404).end());
    const environment = { ...process.env, http_proxy: new URL(proxy).origin, no_proxy: '' };
    for (const [choice, count] of [
      ['none', 0],
      ['environment', 1],
    ] as const) {
      const repository = await open({ environment, proxy: choice });
      await expect(repository.remoteRefs({ url })).rejects.toMatchObject(code('GIT_FAILED'));
      expect(seen).toHaveLength(count);
    }
  });
});

describe('the git program', () => {
  const program = (script: string): string => {
    const path = `${temporaryFolder()}/git`;
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  };
  const version = 'if [ "$1" = version ]; then echo "git version 2.50.0"; exit; fi';

  it('that is not there is asked for', async () => {
    for (const options of [
      { environment: { PATH: '/nonexistent:.:bin' } },
      { environment: {} },
      { git: 'git' },
      { git: '/nonexistent/git' },
    ]) {
      await expect(openGitRepository('/', options)).rejects.toMatchObject({
        code: 'GIT_NOT_FOUND',
        hint: expect.stringContaining('install git 2.32'),
      });
    }
  });

  it.each([
    ['git version 2.31.9', 'version 2.31.9'],
    ['git version 1.99.0', 'version 1.99.0'],
    ['hello', 'version hello'],
    ['git version 2.50.0\nSHA-1: OPENSSL', 'SHA-1 of OPENSSL'],
  ])('that says %j is refused', async (said, expected) => {
    const opened = openGitRepository('/', { git: program(`printf '${said.replace('\n', '\\n')}\\n'`) });
    await expect(opened).rejects.toMatchObject({
      code: 'GIT_VERSION',
      message: expect.stringContaining(expected),
    });
  });

  it('is asked for its version once, and again after it was changed', async () => {
    const asked = `${temporaryFolder()}/asked`;
    const { folder } = await open();
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const script = (comment: string): string =>
      `test "$1" = version && echo x >> ${asked}\nexec ${real} "$@" # ${comment}`;
    const spy = program(script('one'));
    for (let times = 0; times < 3; times += 1) (await openGitRepository(folder, { git: spy })).close();
    expect(readFileSync(asked, 'utf8')).toBe('x\n');
    writeFileSync(spy, readFileSync(spy, 'utf8').replace('# one', '# another'));
    (await openGitRepository(folder, { git: spy })).close();
    expect(readFileSync(asked, 'utf8')).toBe('x\nx\n');
  });

  it('gets nothing of the environment but PATH', async () => {
    const seen = `${temporaryFolder()}/seen`;
    const { folder } = await open();
    const poisoned = {
      ...process.env,
      GIT_DIR: '/x',
      GIT_SSH_COMMAND: 'x',
      LD_PRELOAD: '/x',
      GIT_TRACE: '/x',
      HOME: '/x',
    };
    const spy = program(`env > ${seen}; ${version}; exit 1`);
    const repository = await openGitRepository(folder, { git: spy, environment: poisoned });
    await expect(repository.refs('refs')).rejects.toMatchObject(code('GIT_FAILED'));
    const found = readFileSync(seen, 'utf8');
    expect(found).not.toMatch(/=\/x$/m);
    expect(found).not.toMatch(/LD_PRELOAD|GIT_TRACE|^GIT_SSH_COMMAND=x/m);
    for (const each of [
      `GIT_DIR=${folder}`,
      'GIT_CONFIG_NOSYSTEM=1',
      'GIT_ALLOW_PROTOCOL=',
      'GIT_NO_REPLACE_OBJECTS=1',
    ])
      expect(found.split('\n')).toContain(each);
  });

  it('that is stuck is killed with all that it started', async () => {
    const folder = temporaryFolder();
    const script = `${version}; trap '' TERM; sleep 1000 & echo $! > ${folder}/child; cat >/dev/null; wait`;
    const { folder: path } = await open();
    const repository = await openGitRepository(path, { git: program(script), limits: { commandMs: 400 } });
    await expect(repository.refs('refs')).rejects.toMatchObject(code('GIT_TIMEOUT'));
    const child = Number(readFileSync(`${folder}/child`, 'utf8'));
    await expect.poll(() => isRunning(child)).toBe(false);
    const id = await (await open()).write('blob', text('x'));
    await expect(repository.read(id)).rejects.toMatchObject(code('GIT_TIMEOUT'));
    const reader = Number(readFileSync(`${folder}/child`, 'utf8'));
    expect(reader).not.toBe(child);
    await expect.poll(() => isRunning(reader)).toBe(false);
    repository.close();
  }, 20_000);

  it('that writes without end, or something else, is not believed', async () => {
    const { folder } = await open();
    const id = await (await open()).write('blob', text('x'));
    const lies = (said: string) =>
      openGitRepository(folder, { git: program(`${version}; ${said}`), limits: { refs: 10 } });
    await expect((await lies('yes')).refs('refs')).rejects.toMatchObject(code('GIT_LIMIT'));
    await expect((await lies('echo x')).refs('refs')).rejects.toMatchObject(code('GIT_ANSWER'));
    await expect((await lies('echo x')).read(id)).rejects.toMatchObject(code('GIT_ANSWER'));
    await expect((await lies('exit 3')).read(id)).rejects.toMatchObject(code('GIT_FAILED'));
    await expect((await lies(`echo ${'0'.repeat(39)}1`)).write('blob', text('x'))).rejects.toMatchObject(
      code('GIT_WRONG_ID'),
    );
    const other = `echo '${id} blob 1'; echo y; cat >/dev/null`;
    await expect((await lies(other)).read(id)).rejects.toMatchObject(code('GIT_WRONG_ID'));
  });
});

/** A process that has ended and waits for its parent counts as ended. */
function isRunning(id: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
  } catch {
    return false;
  }
}
