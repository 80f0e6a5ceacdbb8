// SHA-1, for the ids of objects in SHA-1 repositories. It tells which object git means; it proves nothing against
// an attacker who can make collisions. Git detects the known ones when it receives objects.

import { sha1 as nobleSha1 } from '@noble/hashes/legacy.js';

export interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

interface NodeCrypto {
  createHash(algorithm: 'sha1'): Hash;
}

interface WithProcess {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:crypto') => NodeCrypto | undefined };
}

const nodeCrypto = (globalThis as WithProcess).process?.getBuiltinModule?.('node:crypto');

export const nobleCreateSha1: () => Hash = () => nobleSha1.create();

/** Of Node where there is Node, several times as fast; in JavaScript elsewhere. */
export const createSha1: () => Hash = nodeCrypto ? () => nodeCrypto.createHash('sha1') : nobleCreateSha1;
