// Where gpg-agent listens. The path is that of a socket, or of a file that leads to one, for homes whose path is too long or
// whose file system has no sockets:
//
//   %Assuan%
//   socket=/run/user/1000/gnupg/S.gpg-agent

import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { isAbsolute } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from '../errors.ts';
import { type Environment, runGpgconf } from './program.ts';

const REDIRECT_BYTES = 1024;
const MILLISECONDS = 10_000;

/** A connection. Where no path is given, gpgconf says it, and the agent is started if it does not run. */
export async function connectAgent(given: string | undefined, environment: Environment): Promise<Socket> {
  if (given !== undefined) return connectTo(await followRedirect(given, environment));
  const path = (await runGpgconf(['--list-dirs', 'agent-socket'], environment)).replace(/\n$/, '');
  if (!isAbsolute(path)) throw missing(path, 'gpgconf says so, expected an absolute path');
  const started = await connectOrNothing(path, environment);
  if (started !== undefined) return started;
  await runGpgconf(['--launch', 'gpg-agent'], environment);
  return connectTo(await followRedirect(path, environment));
}

/** Undefined when nobody listens. */
async function connectOrNothing(path: string, environment: Environment): Promise<Socket | undefined> {
  try {
    return await connectTo(await followRedirect(path, environment));
  } catch (error) {
    const cause: unknown = error instanceof Error ? error.cause : undefined;
    const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw error;
  }
}

/** The socket itself, which must be ours: who listens elsewhere would learn what is signed. */
async function followRedirect(path: string, environment: Environment): Promise<string> {
  if (!isAbsolute(path)) throw missing(path, 'expected an absolute path');
  const stats = await statsOf(path);
  if (stats.isSocket()) return assertOwner(path, stats.uid);
  if (!stats.isFile() || stats.size > REDIRECT_BYTES)
    throw missing(path, 'neither a socket nor leads to one');
  const target = readRedirect(await readText(path), environment);
  if (target === undefined) throw missing(path, 'neither a socket nor leads to one');
  const socket = await statsOf(target);
  if (!socket.isSocket()) throw missing(target, 'no socket, expected one');
  assertOwner(path, stats.uid);
  return assertOwner(target, socket.uid);
}

function assertOwner(path: string, owner: number): string {
  const user = process.getuid?.();
  if (user === undefined || owner === user) return path;
  throw fail('SIGNER_UNSAFE_FILE', `${escapeText(path)}: of user ${owner}, expected ${user}`, {
    details: { local: true, path },
  });
}

/** The path that such a file names, with `${NAME}` of the environment in it. */
function readRedirect(text: string, environment: Environment): string | undefined {
  const [, target] = /^%Assuan%\nsocket=([^\n\0]+)\n?$/.exec(text) ?? [];
  const path = target?.replaceAll(/\$\{([A-Za-z_]+)\}/g, (_, name: string) => environment[name] ?? '');
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

async function readText(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function statsOf(path: string): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (cause) {
    throw missing(path, 'cannot be read', cause);
  }
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((done, failed) => {
    const socket = connect(path);
    const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), MILLISECONDS);
    socket.once('connect', () => {
      clearTimeout(timer);
      done(socket);
    });
    socket.once('error', cause => {
      clearTimeout(timer);
      failed(missing(path, 'nobody listens', cause));
    });
  });
}

function missing(path: string, what: string, cause?: unknown): Error {
  return fail('SIGNER_AGENT_MISSING', `${escapeText(path)}: ${what}`, { details: { path }, cause });
}
