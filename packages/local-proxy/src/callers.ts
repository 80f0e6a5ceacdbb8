// The other end of docs/pouf.md section 6: how a program tells its own proxy from a stranger on the port, and asks it things.

import { randomBytes } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { fail } from './errors.ts';
import type { ProxyStatus } from './proxy.ts';
import { callerProof, isSameProof, proxyProof } from './secret.ts';

/** A run that is held at another process's proxy. */
export interface HeldRun {
  /** Resolves when the proxy lets go of it: it ended. */
  readonly ended: Promise<void>;
  release(): void;
}

const ANSWER_MILLISECONDS = 2000;
const ANSWER_BYTES = 65_536;

/** Who listens on a port: a proxy that knows the secret, something else, or nobody. */
export async function proveProxy(port: number, secret: Uint8Array): Promise<'ours' | 'stranger' | 'absent'> {
  const nonce = randomBytes(32).toString('hex');
  let answer: string;
  try {
    answer = await ask(port, `/.cargo-tuf/proof?nonce=${nonce}`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'absent' : 'stranger';
  }
  return isSameProof(answer, proxyProof(secret, port, nonce)) ? 'ours' : 'stranger';
}

/** Keeps the run at a proxy alive, whose state the caller's cargo then sees. Throws `PROXY_NOT_OURS`. */
export async function holdProxy(port: number, secret: Uint8Array): Promise<HeldRun> {
  const path = await guardedPath(port, secret, 'hold');
  const response = await open(port, path);
  response.resume();
  const ended = new Promise<void>(resolve => response.on('close', resolve));
  return { ended, release: () => response.destroy() };
}

/** Asks a proxy to end. Throws `PROXY_NOT_OURS`. */
export async function stopProxy(port: number, secret: Uint8Array): Promise<void> {
  await ask(port, await guardedPath(port, secret, 'stop'));
}

/** What a proxy says of itself. Throws `PROXY_NOT_OURS`. */
export async function readProxyStatus(port: number, secret: Uint8Array): Promise<ProxyStatus> {
  return JSON.parse(await ask(port, await guardedPath(port, secret, 'status'))) as ProxyStatus;
}

/** The proxy proves itself first, so that no stranger gets a proof of ours to pass on. */
async function guardedPath(port: number, secret: Uint8Array, kind: 'hold' | 'status' | 'stop'): Promise<string> {
  if ((await proveProxy(port, secret)) !== 'ours') {
    throw fail('PROXY_NOT_OURS', `port ${port}: what listens there does not know the secret`);
  }
  const nonce = await ask(port, '/.cargo-tuf/nonce');
  return `/.cargo-tuf/${kind}?nonce=${nonce}&proof=${callerProof(secret, port, nonce)}`;
}

async function ask(port: number, path: string): Promise<string> {
  const response = await open(port, path);
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => response.destroy(new Error('no end')), ANSWER_MILLISECONDS);
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
  return Buffer.concat(chunks).toString('latin1').trimEnd();
}

/** The start of an answer with status 200. A connection of its own, so that releasing it ends it. */
function open(port: number, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: ANSWER_MILLISECONDS }, response => {
      request.setTimeout(0);
      if (response.statusCode === 200) resolve(response);
      else {
        response.destroy();
        reject(new Error(`status ${response.statusCode}`));
      }
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
  });
}
