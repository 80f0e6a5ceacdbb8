import { connect } from 'node:net';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAdmin } from '../src/run.ts';
import { openRegistry, type Trial } from './trial.ts';

let trial: Trial;
let url = '';
let ended: Promise<number>;
const stop = new AbortController();

beforeAll(async () => {
  trial = await openRegistry();
  await trial.crate('crates', 'itoa', '1.0.0+build.1');
  await trial.done('publish', 'registry', '--crates', 'crates');
  url = await new Promise<string>(resolve => {
    ended = runAdmin(['serve', 'registry', '--port', '0'], {
      stdout: { write: text => resolve(text.trim()) },
      stderr: { write: text => resolve(text) },
      env: {},
      cwd: trial.folder,
      clock: () => trial.now,
      signal: stop.signal,
    });
  });
});

afterAll(async () => {
  stop.abort();
  expect(await ended).toBe(0);
});

/** The status line that a raw request gets. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', chunk => (answer += chunk.toString('latin1')));
    socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''));
    socket.on('error', reject);
  });
}

describe('serve', () => {
  it('prints its address first', () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[0-9]+\/$/);
  });

  it('serves published files for ever, but the timestamp', async () => {
    const root = await fetch(`${url}metadata/1.root.json`);
    expect(root.status).toBe(200);
    expect(root.headers.get('cache-control')).toContain('immutable');
    const timestamp = await fetch(`${url}metadata/timestamp.json`);
    expect(timestamp.headers.get('cache-control')).toBe('no-store');
    const head = await fetch(`${url}metadata/1.root.json`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String((await root.arrayBuffer()).byteLength));
    for (const spelling of ['+', '%2B', '%2b']) {
      expect((await fetch(`${url}crates/itoa/itoa-1.0.0${spelling}build.1.crate`)).status).toBe(200);
    }
  });

  it.each([
    '/',
    '/../policy.toml',
    '/metadata/../../policy.toml',
    '/%2e%2e/policy.toml',
    '//etc/passwd',
    '/metadata',
    '/metadata/',
    '/metadata/1.root.json?x',
    '/.hidden',
    'http://x/',
  ])('has nothing at %s', async target => {
    expect(await raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toContain(' 404 ');
  });

  it('takes GET and HEAD only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect(await raw(`${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toContain(' 405 ');
    }
  });

  it('follows no link', async () => {
    await mkdir(trial.path('registry/public/extra'));
    await writeFile(trial.path('secret'), 'secret');
    await symlink('../../../secret', trial.path('registry/public/extra/file'));
    expect((await fetch(`${url}extra/file`)).status).toBe(500);
  });

  it('says when its port is taken', async () => {
    expect(await trial.run('serve', 'registry', '--port', new URL(url).port)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('ADMIN_PORT'),
    });
  });
});
