import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import {
  type CryptoBackend,
  createSha256,
  createSha512,
  decodeBase64,
  encodeBase64,
  encodeSpki,
  equalBytes,
  formatSpki,
  generateKeyPair,
  importPublicKey,
  importSigner,
  nodeBackend,
  parseSpki,
  type Scheme,
  sha256,
  sha256Into,
  sha512,
  signVerified,
} from '@cargo-tuf/keys';
import { nobleBackend } from '@cargo-tuf/keys/noble';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const schemes: readonly Scheme[] = [
  'ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'rsassa-pss-sha256',
];
const node = nodeBackend as CryptoBackend;
const message = new TextEncoder().encode('message');

describe.each(schemes)('%s', scheme => {
  const { signer, privateKeyPkcs8 } = generateKeyPair(scheme);
  const onNode = importPublicKey(scheme, signer.publicKey.bytes, node);
  const onNoble = importPublicKey(scheme, signer.publicKey.bytes, nobleBackend);

  it('signs what both back ends verify', async () => {
    const signature = await signVerified(signer, message);
    expect(onNode.verify(message, signature)).toBe(true);
    expect(onNoble.verify(message, signature)).toBe(true);
  });

  it('refuses every flipped bit of the signature, on both back ends', async () => {
    const signature = await signer.sign(message);
    for (let bit = 0; bit < signature.length * 8; bit += 1) {
      const damaged = signature.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(onNode.verify(message, damaged)).toBe(false);
      // The JavaScript curve takes milliseconds a signature: one bit of each byte.
      if (bit % 8 === (bit >> 3) % 8) expect(onNoble.verify(message, damaged)).toBe(false);
    }
  });

  it('verifies Buffers, and leaves them as they are', async () => {
    const signature = Buffer.from(await signer.sign(message));
    const before = Buffer.from(signature).toString('hex');
    for (const key of [onNode, onNoble]) expect(key.verify(Buffer.from(message), signature)).toBe(true);
    expect(signature.toString('hex')).toBe(before);
  });

  it('refuses every cut of the signature', async () => {
    const signature = await signer.sign(message);
    for (let length = 0; length < signature.length; length += 1) {
      expect(onNode.verify(message, signature.slice(0, length))).toBe(false);
      expect(onNoble.verify(message, signature.slice(0, length))).toBe(false);
    }
  });

  it('refuses another message and another key', async () => {
    const signature = await signer.sign(message);
    const other = generateKeyPair(scheme).signer.publicKey;
    for (const key of [onNode, onNoble]) expect(key.verify(new Uint8Array(7), signature)).toBe(false);
    expect(other.verify(message, signature)).toBe(false);
  });

  it('loads its private key again, and under its own scheme alone', () => {
    expect(importSigner(scheme, privateKeyPkcs8).publicKey.identity).toBe(signer.publicKey.identity);
    const wrong = schemes.find(other => other !== scheme) as Scheme;
    const unsupported = expect.objectContaining({ code: 'KEY_UNSUPPORTED' });
    expect(() => importSigner(wrong, privateKeyPkcs8)).toThrow(unsupported);
    expect(() => importSigner(scheme, privateKeyPkcs8.slice(1))).toThrow(unsupported);
  });

  it('is not changed through the bytes that went in or came out', async () => {
    const bytes = Buffer.from(signer.publicKey.bytes);
    const key = importPublicKey(scheme, bytes);
    bytes.fill(0);
    key.bytes.fill(0);
    expect(key.bytes).toEqual(signer.publicKey.bytes);
    expect(key.verify(message, await signer.sign(message))).toBe(true);
    expect(() => Object.assign(key, { identity: 'x' })).toThrow(TypeError);
  });
});

describe('rsa-pkcs1v15-sha256', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const der = new Uint8Array(publicKey.export({ format: 'der', type: 'pkcs1' }));
  const signature = new Uint8Array(sign('sha256', message, privateKey));
  const keys = [node, nobleBackend].map(backend =>
    importPublicKey('rsa-pkcs1v15-sha256', der, backend, ['rsa-pkcs1v15-sha256']),
  );

  it('is refused unless it is allowed by name', () => {
    const unsupported = expect.objectContaining({ code: 'KEY_UNSUPPORTED', kind: 'unsupported' });
    expect(() => importPublicKey('rsa-pkcs1v15-sha256', der)).toThrow(unsupported);
    expect(() => importPublicKey('rsa-pkcs1v15-sha256', der, node, [])).toThrow(unsupported);
    expect(parseSpki(String(publicKey.export({ format: 'pem', type: 'spki' }))).scheme).toBe(
      'rsassa-pss-sha256',
    );
  });

  it('verifies on both back ends, and refuses every flipped bit', () => {
    for (const key of keys) expect(key.verify(message, signature)).toBe(true);
    for (let bit = 0; bit < signature.length * 8; bit += 1) {
      const damaged = signature.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      for (const key of keys) expect(key.verify(message, damaged)).toBe(false);
    }
  });

  it('is one key with the same key of RSA-PSS, so that a threshold counts it once', () => {
    const pss = importPublicKey('rsassa-pss-sha256', der);
    for (const key of keys) expect(key.identity).toBe(pss.identity);
    expect(pss.verify(message, signature)).toBe(false);
  });
});

describe('encodeSpki', () => {
  it.each(schemes)('%s: the DER that Node exports', scheme => {
    const { publicKey } = generateKeyPair(scheme).signer;
    const exported = createPublicKey(formatSpki(publicKey)).export({ format: 'der', type: 'spki' });
    expect(encodeSpki(publicKey)).toEqual(new Uint8Array(exported));
  });
});

describe('signVerified', () => {
  it('refuses a signer that holds another key', async () => {
    const one = generateKeyPair('ed25519').signer;
    const two = generateKeyPair('ed25519').signer;
    const mixed = { publicKey: one.publicKey, sign: (text: Uint8Array) => two.sign(text) };
    await expect(signVerified(mixed, message)).rejects.toMatchObject({
      code: 'KEY_SIGNER_WRONG',
      details: { key: one.publicKey.identity },
    });
  });
});

describe('hashes', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 5 });

  it.each([node, nobleBackend])('$name: parts are hashed as if they were one', backend => {
    fc.assert(
      fc.property(parts, pieces => {
        const whole = Buffer.concat(pieces);
        const expected = (name: string) => new Uint8Array(createHash(name).update(whole).digest());
        expect(backend.sha256(pieces)).toEqual(expected('sha256'));
        expect(backend.sha512(pieces)).toEqual(expected('sha512'));
        for (const name of ['sha256', 'sha512'] as const) {
          const state = name === 'sha256' ? backend.createSha256() : backend.createSha512();
          for (const piece of pieces) state.update(piece);
          expect(state.digest()).toEqual(expected(name));
        }
      }),
    );
  });

  it('are what FIPS 180-4 says of nothing and of abc', () => {
    const abc = new TextEncoder().encode('abc');
    expect(Buffer.from(sha256()).toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(Buffer.from(sha256(abc)).toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(Buffer.from(sha512(abc)).toString('hex')).toMatch(/^ddaf35a193617aba/);
    expect(createSha256().digest()).toEqual(sha256());
    expect(createSha512().digest()).toEqual(sha512());
  });
});

describe('bytes', () => {
  it('base64 is that of Node, and has one spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), bytes => {
        const text = Buffer.from(bytes).toString('base64');
        expect(encodeBase64(bytes)).toBe(text);
        expect(decodeBase64(text)).toEqual(bytes);
        expect(decodeBase64(`${text}\n`)).toBeUndefined();
        if (text.endsWith('=')) expect(decodeBase64(text.slice(0, -1))).toBeUndefined();
      }),
    );
    for (const text of ['aGl=', 'aGk', 'a', '=', '====', 'aGk=aGk=', 'a-_a', 'aGk '])
      expect(decodeBase64(text)).toBeUndefined();
  });

  it.each([node, nobleBackend])(
    'sha256Into writes 32 bytes and no more, over its input if asked ($name)',
    backend => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(40), (bytes, offset) => {
          const expected = createHash('sha256').update(bytes).digest();
          const out = new Uint8Array(offset + 40).fill(7);
          backend.sha256Into(bytes, out, offset);
          expect([...out]).toEqual([...Buffer.alloc(offset, 7), ...expected, ...Buffer.alloc(8, 7)]);
          const own = new Uint8Array(65).fill(offset);
          const message = own.slice();
          sha256Into(own, own, 1);
          expect(own.slice(1, 33)).toEqual(sha256(message));
        }),
      );
      for (const offset of [1, 33])
        expect(() => sha256Into(message, new Uint8Array(32), offset)).toThrow(RangeError);
    },
  );

  it('equalBytes compares length and content', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
  });
});
