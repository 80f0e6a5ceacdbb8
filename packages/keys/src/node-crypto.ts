// The parts of `node:crypto` that are used, found at run time: the package loads where there is no Node.

export interface NodeKey {
  export(options: { readonly format: 'der'; readonly type: 'spki' | 'pkcs8' }): Uint8Array;
}

interface NodeHash {
  update(bytes: Uint8Array): NodeHash;
  digest(): Uint8Array;
}

type DerKey<Type> = { readonly key: Uint8Array; readonly format: 'der'; readonly type: Type };
type KeyUse =
  | NodeKey
  | { readonly key: NodeKey; readonly dsaEncoding: 'ieee-p1363' | 'der' }
  | { readonly key: NodeKey; readonly padding: number; readonly saltLength?: number };

/** The numbers of OpenSSL, which are those of `crypto.constants`. */
export const RSA_PKCS1_PADDING = 1;
/** RSASSA-PSS; the salt is as long as the hash. */
export const PSS: { readonly padding: number; readonly saltLength: number } = { padding: 6, saltLength: 32 };

/** Null: the scheme has its own. */
type SignatureHash = 'sha256' | 'sha384' | null;

interface NodeKeyPair {
  readonly privateKey: NodeKey;
}

export interface NodeCrypto {
  readonly ECDH: {
    convertKey(
      key: Uint8Array,
      curve: 'prime256v1' | 'secp384r1',
      inputEncoding: undefined,
      outputEncoding: undefined,
      format: 'uncompressed',
    ): Uint8Array;
  };
  createHash(algorithm: 'sha256' | 'sha512'): NodeHash;
  hash(algorithm: 'sha256' | 'sha512', bytes: Uint8Array, encoding: 'latin1'): string;
  createPublicKey(key: DerKey<'spki'> | NodeKey): NodeKey;
  createPrivateKey(key: DerKey<'pkcs8'>): NodeKey;
  verify(algorithm: SignatureHash, message: Uint8Array, key: KeyUse, signature: Uint8Array): boolean;
  sign(algorithm: SignatureHash, message: Uint8Array, key: KeyUse): Uint8Array;
  generateKeyPairSync(type: 'ed25519'): NodeKeyPair;
  generateKeyPairSync(type: 'ec', options: { readonly namedCurve: 'P-256' | 'P-384' }): NodeKeyPair;
  generateKeyPairSync(type: 'rsa', options: { readonly modulusLength: number }): NodeKeyPair;
}

interface WithProcess {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:crypto') => NodeCrypto | undefined };
}

/** Undefined where there is no `node:crypto`. */
export const nodeCrypto: NodeCrypto | undefined = (globalThis as WithProcess).process?.getBuiltinModule?.(
  'node:crypto',
);
