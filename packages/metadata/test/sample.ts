// A repository's keys and a root that is signed by two of three.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import { generateKeyPair, type Signer } from '@cargo-tuf/keys';
import {
  formatKey,
  formatRoot,
  type Key,
  type RoleKeys,
  type RootFields,
  type TopLevelRole,
} from '@cargo-tuf/metadata';

export const signers: readonly [Signer, Signer, Signer] = [
  generateKeyPair('ed25519').signer,
  generateKeyPair('ecdsa-sha2-nistp256').signer,
  generateKeyPair('ed25519').signer,
];

export function keyOf(signer: Signer, keyId: string = formatKey(signer.publicKey).keyId): Key {
  return { keyId, publicKey: signer.publicKey, raw: formatKey(signer.publicKey).raw };
}

export function keysOf(list: readonly Key[]): ReadonlyMap<string, Key> {
  return new Map(list.map(key => [key.keyId, key]));
}

export const keys: ReadonlyMap<string, Key> = keysOf(signers.map(signer => keyOf(signer)));
export const twoOfThree: RoleKeys = { keyIds: [...keys.keys()], threshold: 2 };
const oneOfThree: RoleKeys = { keyIds: [...keys.keys()], threshold: 1 };

export const rootFields: RootFields = {
  version: 1,
  expires: Date.UTC(2030, 0, 1),
  repository: '11'.repeat(32),
  consistentSnapshot: true,
  keys,
  roles: new Map<TopLevelRole, RoleKeys>([
    ['root', twoOfThree],
    ['timestamp', oneOfThree],
    ['snapshot', oneOfThree],
    ['targets', oneOfThree],
  ]),
  index: { kind: 'map', epoch: 0 },
  claimsFloor: 0,
};

export const rootTree: JsonObject = formatRoot(rootFields);
