import { generateKeyPair, importPublicKey } from '@cargo-tuf/keys';
import { describe, expect, it } from 'vitest';
import { defaultBackend as elsewhere } from '../src/default-backend-noble.ts';
import { defaultBackend as underNode } from '../src/default-backend-node.ts';

describe('the back end that is taken without a word', () => {
  it('is OpenSSL under Node, and JavaScript elsewhere', () => {
    expect([underNode.name, elsewhere.name]).toEqual(['node', 'noble']);
  });
});

describe.each([underNode, elsewhere])('a point of P-256 with the back end $name', backend => {
  const point = generateKeyPair('ecdsa-sha2-nistp256').signer.publicKey.bytes;
  const take = (bytes: Uint8Array) => importPublicKey('ecdsa-sha2-nistp256', bytes, backend).bytes;
  const [x, y] = [point.subarray(1, 33), point.subarray(33)];
  const parity = (y[31] as number) & 1;

  it('has two spellings, which are one key', () => {
    expect(take(point)).toEqual(point);
    expect(take(Uint8Array.of(2 + parity, ...x))).toEqual(point);
    expect(take(Uint8Array.of(3 - parity, ...x))).not.toEqual(point);
  });

  it.each([
    ['the hybrid spelling', () => Uint8Array.of(6 + parity, ...x, ...y)],
    ['the point at infinity', () => Uint8Array.of(0)],
    ['x that is no field element', () => Uint8Array.of(2, ...new Uint8Array(32).fill(255))],
    ['y off the curve', () => Uint8Array.of(4, ...x, ...y.slice(0, 31), (y[31] as number) ^ 1)],
    ['an unknown first byte', () => Uint8Array.of(5, ...x)],
  ])('is not %s', (_, bytes) => {
    expect(() => take(bytes())).toThrow(/p-256 key/);
  });
});

describe('a key that was checked', () => {
  it('is kept, by back end and scheme', () => {
    const { bytes } = generateKeyPair('ed25519').signer.publicKey;
    expect(importPublicKey('ed25519', bytes)).toBe(importPublicKey('ed25519', bytes.slice()));
    expect(importPublicKey('ed25519', bytes, elsewhere)).not.toBe(importPublicKey('ed25519', bytes));
  });

  it('that one caller allows is refused to the next who does not', () => {
    const { bytes } = generateKeyPair('rsassa-pss-sha256').signer.publicKey;
    const legacy = 'rsa-pkcs1v15-sha256';
    expect(importPublicKey(legacy, bytes, underNode, [legacy]).scheme).toBe(legacy);
    expect(() => importPublicKey(legacy, bytes)).toThrow(/not allowed/);
  });
});
