// The proxy in the background: for plain `cargo build`, editors and other tools once cargo-tuf is enabled.

import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSecret, proveProxy } from '@cargo-tuf/local-proxy';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { readPort, secretPath } from './proxy-address.ts';

export type ProxyState = 'running' | 'stopped' | 'stranger';

const START_MILLISECONDS = 10_000;

function logPath(context: Context): string {
  return `${context.home.tuf}/proxy.log`;
}

export async function proxyState(context: Context, port: number): Promise<ProxyState> {
  const answer = await proveProxy(port, await openSecret(secretPath(context)));
  if (answer === 'ours') return 'running';
  return answer === 'absent' ? 'stopped' : 'stranger';
}

/** Starts the proxy in the background unless it runs; waits until it proves itself. True when it was started. */
export async function ensureDaemon(context: Context): Promise<boolean> {
  const port = await readPort(context);
  const state = await proxyState(context, port);
  if (state === 'running') return false;
  if (state === 'stranger') {
    throw fail('APP_PORT_TAKEN', `port ${port}: taken by a program that is not this user's proxy`);
  }
  await mkdir(context.home.tuf, { recursive: true, mode: 0o700 });
  const log = await open(logPath(context), 'a', 0o600);
  try {
    const child = spawn(process.execPath, [process.argv[1] as string, 'proxy', '--port', String(port)], {
      cwd: context.home.tuf,
      env: context.environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
  } finally {
    await log.close();
  }
  for (const end = context.clock() + START_MILLISECONDS; context.clock() < end; ) {
    if ((await proxyState(context, port)) === 'running') return true;
    await sleep(50);
  }
  throw fail('APP_PROXY_FAILED', `proxy: does not answer on port ${port}; its log is ${logPath(context)}`);
}
