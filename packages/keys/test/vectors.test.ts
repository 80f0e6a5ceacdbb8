import { readFileSync } from 'node:fs';
import {
  type CryptoBackend,
  decodeHex,
  encodeHex,
  formatSpki,
  importPublicKey,
  nodeBackend,
  parseSpki,
  type LegacyScheme,
  type Scheme,
  signVerified,
} from '@cargo-tuf/keys';
import { nobleBackend } from '@cargo-tuf/keys/noble';
import { describe, expect, it } from 'vitest';

function read<T>(name: string): readonly (readonly [string, T])[] {
  const url = new URL(`../../../test-vectors/keys/${name}.json`, import.meta.url);
  const vectors = JSON.parse(readFileSync(url, 'utf8')) as (T & { description: string })[];
  return vectors.map(vector => [vector.description, vector]);
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const backends = [nodeBackend as CryptoBackend, nobleBackend] as const;

interface KeyVector {
  readonly scheme?: Scheme;
  readonly hex?: string;
  readonly pem?: string;
  readonly identity?: string;
  readonly expect: string;
}

interface SignatureVector {
  readonly scheme: Scheme | LegacyScheme;
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  readonly expect: string;
}

describe.each(backends)('with the back end $name', backend => {
  it.each(read<KeyVector>('public-key'))('public-key.json: %s', (_, vector) => {
    const load = () =>
      vector.pem === undefined
        ? importPublicKey(vector.scheme as Scheme, bytes(vector.hex as string), backend)
        : parseSpki(vector.pem, backend);
    if (vector.expect !== 'ok') {
      expect(load).toThrow(expect.objectContaining({ code: vector.expect }));
      return;
    }
    const key = load();
    expect(key.identity).toBe(vector.identity);
    expect(parseSpki(formatSpki(key), backend).identity).toBe(key.identity);
  });

  it.each(read<SignatureVector>('signature'))('signature.json: %s', async (_, vector) => {
    const publicKey = importPublicKey(vector.scheme, bytes(vector.key), backend, ['rsa-pkcs1v15-sha256']);
    const signer = { publicKey, sign: async () => bytes(vector.signature) };
    const signed = signVerified(signer, bytes(vector.message));
    if (vector.expect === 'ok') expect(await signed).toEqual(bytes(vector.signature));
    else await expect(signed).rejects.toMatchObject({ code: vector.expect, kind: 'security' });
  });
});

interface HexVector {
  readonly input: string;
  readonly length?: number;
  readonly expect: string;
}

describe('hex.json', () => {
  it.each(read<HexVector>('hex'))('%s', (_, vector) => {
    if (vector.expect === 'ok') expect(encodeHex(decodeHex(vector.input, vector.length))).toBe(vector.input);
    else
      expect(() => decodeHex(vector.input, vector.length)).toThrow(
        expect.objectContaining({ code: vector.expect }),
      );
  });
});
