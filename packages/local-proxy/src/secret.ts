// The secret that tells this user's proxy from a stranger on its port (docs/pouf.md section 6).

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from './errors.ts';

const SECRET_BYTES = 32;

/** The secret in a file; made on first use, readable by nobody else. Throws `PROXY_SECRET_EXPOSED`. */
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
  return createHmac('sha256', secret).update(`${purpose}\0`).update(number).update(nonceBytes(nonce)).digest('hex');
}

/** 64 hex digits, as the route's grammar has it. */
function nonceBytes(nonce: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(nonce)) throw fail('PROXY_ARGUMENT', 'nonce: not 64 hex digits');
  return Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(nonce.slice(at * 2, at * 2 + 2), 16));
}

async function readSecret(path: string): Promise<Uint8Array | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return undefined;
    throw fail('PROXY_SECRET_EXPOSED', `${path}: cannot be opened as a file of its own`, { cause: error });
  }
  try {
    const { mode, uid } = await file.stat();
    if (process.getuid && (uid !== process.getuid() || (mode & 0o077) !== 0)) {
      throw fail('PROXY_SECRET_EXPOSED', `${path}: mode ${(mode & 0o777).toString(8)}, owner ${uid}, expected 600 and this user`);
    }
    const secret = new Uint8Array(await file.readFile());
    if (secret.length === SECRET_BYTES) return secret;
    throw fail('PROXY_SECRET_EXPOSED', `${path}: ${secret.length} bytes, expected ${SECRET_BYTES}`);
  } finally {
    await file.close();
  }
}

/** Another process may be making one at the same time: the first to link it wins, and both read that one. */
async function createSecret(path: string): Promise<Uint8Array> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(randomBytes(SECRET_BYTES));
    await file.sync();
    await file.close();
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const secret = await readSecret(path);
  if (secret === undefined) throw fail('PROXY_SECRET_EXPOSED', `${path}: vanished while it was made`);
  return secret;
}
