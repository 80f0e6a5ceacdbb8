// The secret that tells this user's proxy from a stranger on its port (docs/pouf.md section 6).

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from './errors.ts';

export const SECRET_BYTES = 32;

/**
 * The secret in a file; made on first use, readable by nobody else. Throws `PROXY_SECRET_EXPOSED` for a file that is not
 * this user's alone, `PROXY_SECRET_WRITE`.
 */
export async function openSecret(path: string): Promise<Uint8Array> {
  return (await readSecret(path)) ?? (await createSecret(path));
}

/** What a proxy that knows the secret answers to a nonce. Hex. */
export function proxyProof(secret: Uint8Array, port: number, nonce: string): string {
  return proof(secret, 'cargo-tuf proxy proof', port, nonce);
}

/** What a caller that knows the secret sends with a nonce of the proxy. Hex. */
export function callerProof(secret: Uint8Array, port: number, nonce: string): string {
  return proof(secret, 'cargo-tuf caller proof', port, nonce);
}

export function isSameProof(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}

function proof(secret: Uint8Array, purpose: string, port: number, nonce: string): string {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(port);
  return createHmac('sha256', secret)
    .update(`${purpose}\0`)
    .update(number)
    .update(nonceBytes(nonce))
    .digest('hex');
}

/** 64 hex digits, as the route's grammar has it. */
function nonceBytes(nonce: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(nonce)) throw fail('PROXY_ARGUMENT', 'nonce: not 64 hex digits');
  return Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(nonce.slice(at * 2, at * 2 + 2), 16));
}

// A link is not followed, a pipe does not hold us. Windows has neither flag.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function readSecret(path: string): Promise<Uint8Array | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, READ);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fail('PROXY_SECRET_EXPOSED', `${path}: cannot be opened as a file of its own`, { cause: error });
  }
  try {
    const stat = await file.stat();
    const { mode, uid, size } = stat;
    if (!stat.isFile()) throw fail('PROXY_SECRET_EXPOSED', `${path}: is not a file`);
    if (process.getuid && (uid !== process.getuid() || (mode & 0o077) !== 0)) {
      const seen = `mode ${(mode & 0o777).toString(8)}, owner ${uid}`;
      throw fail('PROXY_SECRET_EXPOSED', `${path}: ${seen}, expected 600 and this user`);
    }
    if (size !== SECRET_BYTES) {
      throw fail('PROXY_SECRET_EXPOSED', `${path}: ${size} bytes, expected ${SECRET_BYTES}`);
    }
    const secret = new Uint8Array(SECRET_BYTES);
    const { bytesRead } = await file.read(secret, 0, SECRET_BYTES, 0);
    if (bytesRead === SECRET_BYTES) return secret;
    throw fail('PROXY_SECRET_EXPOSED', `${path}: ${bytesRead} bytes, expected ${SECRET_BYTES}`);
  } finally {
    await file.close();
  }
}

/** Another process may be making one at the same time: the first to link it wins, and both read that one. */
async function createSecret(path: string): Promise<Uint8Array> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeSecret(temporary);
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw fail('PROXY_SECRET_WRITE', `${path}: cannot be made`, { cause: error });
    }
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
  const secret = await readSecret(path);
  if (secret === undefined) throw fail('PROXY_SECRET_EXPOSED', `${path}: vanished while it was made`);
  return secret;
}

async function writeSecret(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    // Whatever the umask leaves of the mode.
    await file.chmod(0o600);
    await file.writeFile(randomBytes(SECRET_BYTES));
    await file.sync();
  } finally {
    await file.close();
  }
}
