// The parts of `node:crypto` that are used, found at run time: the package loads where there is no Node.

export interface NodeKey {
  export(options: { readonly format: 'der'; readonly type: 'spki' | 'pkcs8' }): Uint8Array;
}

interface NodeHash {
  update(bytes: Uint8Array): NodeHash;
  digest(): Uint8Array;
}

type DerKey<Type> = { readonly key: Uint8Array; readonly format: 'der'; readonly type: Type };
type KeyUse = NodeKey | { readonly key: NodeKey; readonly dsaEncoding: 'ieee-p1363' | 'der' };

export interface NodeCrypto {
  createHash(algorithm: 'sha256' | 'sha512'): NodeHash;
  hash(algorithm: 'sha256' | 'sha512', bytes: Uint8Array, encoding: 'latin1'): string;
  createPublicKey(key: DerKey<'spki'> | NodeKey): NodeKey;
  createPrivateKey(key: DerKey<'pkcs8'>): NodeKey;
  verify(algorithm: 'sha256' | null, message: Uint8Array, key: KeyUse, signature: Uint8Array): boolean;
  sign(algorithm: 'sha256' | null, message: Uint8Array, key: KeyUse): Uint8Array;
  generateKeyPairSync(
    type: 'ed25519' | 'ec',
    options?: { readonly namedCurve: 'P-256' },
  ): { readonly privateKey: NodeKey };
}

interface WithProcess {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:crypto') => NodeCrypto | undefined };
}

/** Undefined where there is no `node:crypto`. */
export const nodeCrypto: NodeCrypto | undefined = (globalThis as WithProcess).process?.getBuiltinModule?.(
  'node:crypto',
);
