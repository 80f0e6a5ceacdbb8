// The other end of docs/pouf.md section 6: how a program tells its own proxy from a stranger on the port, and asks it things.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { isTufError } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { callerProof, isSameProof, proxyProof } from './secret.ts';
import { parseStatus, type ProxyStatus } from './status.ts';

/** A run that is held at another process's proxy. */
export interface HeldRun {
  /** Resolves when the proxy lets go of it: it ended. */
  readonly ended: Promise<void>;
  release(): void;
}

const ANSWER_MILLISECONDS = 2000;
const ANSWER_BYTES = 65_536;

/** Who listens on a port: a proxy that knows the secret, something else, or nobody. */
export async function proveProxy(
  port: number,
  secret: Uint8Array,
  options: { /** Milliseconds. */ readonly timeout?: number } = {},
): Promise<'ours' | 'stranger' | 'absent'> {
  // The client of HTTP takes longer to load than all else that a program does that finds nobody here.
  if (await isRefused(port)) return 'absent';
  const nonce = randomBytes(32).toString('hex');
  let answer: string;
  try {
    answer = await askText(port, `/.cargo-tuf/proof?nonce=${nonce}`, options.timeout);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'absent' : 'stranger';
  }
  return isSameProof(answer, proxyProof(secret, port, nonce)) ? 'ours' : 'stranger';
}

/**
 * Keeps the run at a proxy alive, whose state the caller's cargo then sees. Throws `PROXY_NOT_OURS` where something else
 * listens, `PROXY_GONE` where nothing does.
 */
export async function holdProxy(port: number, secret: Uint8Array): Promise<HeldRun> {
  return callProxy(port, secret, 'hold', async path => {
    const response = await open(port, path, Date.now() + ANSWER_MILLISECONDS);
    response.resume();
    const ended = new Promise<void>(resolve => response.on('close', resolve));
    return { ended, release: () => void response.destroy() };
  });
}

/** Asks a proxy to end; false where none listens. Throws `PROXY_NOT_OURS`, `PROXY_GONE`. */
export async function stopProxy(port: number, secret: Uint8Array): Promise<boolean> {
  if ((await proveProxy(port, secret)) === 'absent') return false;
  await callProxy(port, secret, 'stop', path => askText(port, path));
  return true;
}

/** What a proxy says of itself. Throws as `holdProxy` does. */
export async function readProxyStatus(port: number, secret: Uint8Array): Promise<ProxyStatus> {
  return callProxy(port, secret, 'status', async path => {
    const status = parseStatus(await ask(port, path));
    if (status === undefined) throw new Error('no status');
    return status;
  });
}

/** The proxy proves itself first, so that no stranger gets a proof of ours to pass on. */
async function callProxy<T>(
  port: number,
  secret: Uint8Array,
  kind: 'hold' | 'status' | 'stop',
  call: (path: string) => Promise<T>,
): Promise<T> {
  const listener = await proveProxy(port, secret);
  if (listener === 'absent') throw fail('PROXY_GONE', `port ${port}: nothing listens there`);
  if (listener === 'stranger')
    throw fail('PROXY_NOT_OURS', `port ${port}: what listens there does not know the secret`);
  try {
    const nonce = await askText(port, '/.cargo-tuf/nonce');
    return await call(`/.cargo-tuf/${kind}?nonce=${nonce}&proof=${callerProof(secret, port, nonce)}`);
  } catch (error) {
    const reason = error instanceof Error && !isTufError(error) ? error.message : 'answers out of order';
    throw fail('PROXY_GONE', `port ${port}: the proxy does not answer ${kind}: ${reason}`, {
      cause: error,
    });
  }
}

async function askText(port: number, path: string, timeout?: number): Promise<string> {
  return Buffer.from(await ask(port, path, timeout))
    .toString('latin1')
    .trimEnd();
}

/** The whole answer, of bounded length and within bounded time: a stranger may drip or never end. */
async function ask(port: number, path: string, timeout: number = ANSWER_MILLISECONDS): Promise<Uint8Array> {
  const deadline = Date.now() + timeout;
  const response = await open(port, path, deadline);
  const timer = setTimeout(() => response.destroy(new Error('no end')), deadline - Date.now());
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > ANSWER_BYTES) throw new Error('too long');
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
    response.destroy();
  }
  return Buffer.concat(chunks);
}

function isRefused(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    const conclude = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => conclude(false));
    socket.on('error', error => conclude('code' in error && error.code === 'ECONNREFUSED'));
  });
}

/** The start of an answer with status 200. A connection of its own, so that releasing it ends it. */
async function open(port: number, path: string, deadline: number): Promise<IncomingMessage> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false });
    const timer = setTimeout(() => request.destroy(new Error('no answer')), deadline - Date.now());
    request.on('response', response => {
      clearTimeout(timer);
      if (response.statusCode === 200) return resolve(response);
      response.destroy();
      reject(new Error(`status ${response.statusCode}`));
    });
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(timer);
      reject(new Error('no answer'));
    });
  });
}
