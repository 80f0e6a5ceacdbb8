import {
  encodeCanonical,
  encodeJson,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { generateKeyPair } from '@cargo-tuf/keys';
import {
  addSignature,
  type Envelope,
  formatKey,
  formatTimestamp,
  parseEnvelope,
  parseRoot,
  signEnvelope,
  Verified,
  verifyRole,
} from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';
import { keyOf, keys, keysOf, rootTree, signers, twoOfThree } from './sample.ts';

const [one, two, three] = signers;
const code = (name: string) => expect.objectContaining({ code: name });
const verifyRoot = (bytes: Uint8Array) => verifyRole(parseEnvelope(bytes), 'root', keys, twoOfThree, 'root');

/** The file with its list of signatures changed. */
function withSignatures(bytes: Uint8Array, change: (list: JsonObject[]) => JsonObject[]): Uint8Array {
  const file = new Map(parseJson(bytes) as JsonObject);
  return encodeJson(file.set('signatures', change([...(file.get('signatures') as JsonObject[])])));
}

const signature = (keyid: string, sig: string): JsonObject =>
  new Map([
    ['keyid', keyid],
    ['sig', sig],
  ]);

describe('thresholds', () => {
  it('accept two of three, and say whose signatures they are', async () => {
    const bytes = await signEnvelope(rootTree, [one, two]);
    const root = verifyRoot(bytes);
    expect(root).toBeInstanceOf(Verified);
    expect(root.value).toEqual(parseRoot(rootTree));
    expect(root.bytes).toBe(bytes);
    expect(root.signers).toEqual([one.publicKey.identity, two.publicKey.identity]);
  });

  it('refuse one of three, with both numbers', async () => {
    const bytes = await signEnvelope(rootTree, [one]);
    expect(() => verifyRoot(bytes)).toThrow(
      expect.objectContaining({
        code: 'METADATA_THRESHOLD',
        kind: 'security',
        message: 'root: signed by 1 of its keys, expected 2',
        details: { role: 'root', got: 1, threshold: 2, signers: [one.publicKey.identity] },
      }),
    );
  });

  it('refuse a signature that is repeated, even beyond the threshold (T01)', async () => {
    const bytes = await signEnvelope(rootTree, [one, two]);
    const repeated = withSignatures(bytes, list => [...list, list[0] as JsonObject]);
    expect(() => verifyRoot(repeated)).toThrow(code('METADATA_DUPLICATE'));
  });

  it('count one public key under two ids once (T02)', async () => {
    const bytes = await signEnvelope(rootTree, [one]);
    const twice = withSignatures(bytes, list => [...list, signature('other', list[0]?.get('sig') as string)]);
    const role = { keyIds: [...keys.keys(), 'other'], threshold: 2 };
    const known = keysOf([...keys.values(), keyOf(one, 'other')]);
    expect(() => verifyRole(parseEnvelope(twice), 'root', known, role, 'root')).toThrow(
      code('METADATA_THRESHOLD'),
    );
    expect(
      verifyRole(parseEnvelope(twice), 'root', known, { ...role, threshold: 1 }, 'root').signers,
    ).toHaveLength(1);
  });

  it('do not mind wrong, empty, unknown and unreadable signatures beside enough right ones (T09)', async () => {
    const bytes = await signEnvelope(rootTree, [one, two]);
    const third = formatKey(three.publicKey).keyId;
    for (const sig of ['', '00', 'no hex', 'ff'.repeat(64)]) {
      const more = withSignatures(bytes, list => [signature('unknown', sig), signature(third, sig), ...list]);
      expect(verifyRoot(more).signers).toHaveLength(2);
    }
  });

  it('do not count a key that the role does not list, or whose scheme is not spoken', async () => {
    const bytes = await signEnvelope(rootTree, [one, two]);
    const envelope = parseEnvelope(bytes);
    const role = { keyIds: [formatKey(one.publicKey).keyId], threshold: 2 };
    expect(() => verifyRole(envelope, 'root', keys, role, 'root')).toThrow(code('METADATA_THRESHOLD'));
    const unspoken = keysOf([...keys.values()].map(key => ({ ...key, publicKey: undefined })));
    expect(() => verifyRole(envelope, 'root', unspoken, twoOfThree, 'root')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ got: 0 }) }),
    );
  });

  it('count a signature under its own key alone', async () => {
    const bytes = await signEnvelope(rootTree, [one, two]);
    const swapped = withSignatures(bytes, ([first, second]) => [
      signature(first?.get('keyid') as string, second?.get('sig') as string),
      signature(second?.get('keyid') as string, first?.get('sig') as string),
    ]);
    expect(() => verifyRoot(swapped)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ got: 0 }) }),
    );
  });

  it.each([0, -1, Number.NaN])('refuse the threshold %s, though no parser lets it in', async threshold => {
    const envelope = parseEnvelope(await signEnvelope(rootTree, [one]));
    expect(() => verifyRole(envelope, 'root', keys, { ...twoOfThree, threshold }, 'root')).toThrow(
      code('METADATA_THRESHOLD'),
    );
  });

  it('find nothing under inherited names (D12)', async () => {
    const bytes = await signEnvelope(rootTree, [one], { keyIdOf: () => '__proto__' });
    const role = { keyIds: ['__proto__', 'constructor'], threshold: 1 };
    expect(() => verifyRole(parseEnvelope(bytes), 'root', new Map(), role, 'root')).toThrow(
      code('METADATA_THRESHOLD'),
    );
  });
});

describe('the type of a role', () => {
  const timestamp = formatTimestamp({
    version: 1,
    expires: 0,
    repository: undefined,
    snapshot: { version: 1 },
    merkleRoot: undefined,
  });

  it('is compared after the signatures (T13)', async () => {
    const envelope = parseEnvelope(await signEnvelope(timestamp, [one, two]));
    expect(() => verifyRole(envelope, 'snapshot', keys, twoOfThree, 'snapshot')).toThrow(
      code('METADATA_TYPE'),
    );
    const few = parseEnvelope(await signEnvelope(timestamp, [one]));
    expect(() => verifyRole(few, 'snapshot', keys, twoOfThree, 'snapshot')).toThrow(
      code('METADATA_THRESHOLD'),
    );
  });

  it('and the shape as well: what was not signed is not read', async () => {
    const broken: JsonObject = new Map<string, JsonValue>([...rootTree, ['version', 0]]);
    expect(() =>
      verifyRole(
        parseEnvelope(
          encodeJson(
            new Map<string, JsonValue>([
              ['signatures', []],
              ['signed', broken],
            ]),
          ),
        ),
        'root',
        keys,
        twoOfThree,
        'root',
      ),
    ).toThrow(code('METADATA_THRESHOLD'));
    const signed = parseEnvelope(await signEnvelope(broken, [one, two]));
    expect(() => verifyRole(signed, 'root', keys, twoOfThree, 'root')).toThrow(code('METADATA_SHAPE'));
  });
});

describe('envelopes', () => {
  it('are used as they were parsed, or not at all', async () => {
    const envelope = parseEnvelope(await signEnvelope(rootTree, [one, two]));
    const forged: Envelope = {
      ...envelope,
      signed: new Map<string, JsonValue>([...rootTree, ['version', 9]]),
    };
    expect(() => verifyRole(forged, 'root', keys, twoOfThree, 'root')).toThrow(code('METADATA_ENVELOPE'));
    expect(() => Object.assign(envelope, { signed: forged.signed })).toThrow(TypeError);
  });

  it('mean the same in another spelling (T11), and keep the bytes that came', async () => {
    const bytes = await signEnvelope(rootTree, [one, two]);
    const spaced = encodeJson(parseJson(bytes), { indent: 3 });
    expect(verifyRoot(spaced).value).toEqual(verifyRoot(bytes).value);
    expect(verifyRoot(spaced).bytes).toBe(spaced);
    expect(parseEnvelope(bytes).payload).toEqual(encodeCanonical(rootTree));
  });
});

describe('every bit of a signed root', () => {
  it('refuses the file when it is flipped, or changes nothing of its meaning', async () => {
    const bytes = await signEnvelope(rootTree, [one, two]);
    const before = verifyRoot(bytes);
    let harmless = 0;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let after: Verified<typeof before.value>;
      try {
        after = verifyRoot(damaged);
      } catch (error) {
        expect(error).toMatchObject({ name: 'TufError', code: expect.stringMatching(/^(JSON|METADATA)_/) });
        continue;
      }
      harmless += 1;
      expect(after.value).toEqual(before.value);
      expect(after.signers).toEqual(before.signers);
    }
    // The file has no part that is outside of what is signed, apart from key ids and signatures, which are needed.
    expect(harmless).toBe(0);
  });

  it('refuses every cut', async () => {
    const bytes = await signEnvelope(rootTree, [one, two]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => verifyRoot(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ name: 'TufError' }),
      );
    }
  });
});

describe('signing', () => {
  it('adds a signature to a file, and replaces that of the same key', async () => {
    const first = await signEnvelope(rootTree, [one]);
    const both = await addSignature(first, two);
    expect(verifyRoot(both).signers).toHaveLength(2);
    expect(parseEnvelope(await addSignature(both, two)).signatures).toHaveLength(2);
    expect(parseEnvelope(both).payload).toEqual(parseEnvelope(first).payload);
  });

  it('keeps unknown members of the envelope', async () => {
    const file = new Map(parseJson(await signEnvelope(rootTree, [one])) as JsonObject).set('x', 1);
    expect((parseJson(await addSignature(encodeJson(file), two)) as JsonObject).get('x')).toBe(1);
  });

  it('refuses no signer, one key twice, and a signer that lies', async () => {
    await expect(signEnvelope(rootTree, [])).rejects.toMatchObject({ code: 'METADATA_SIGNER' });
    await expect(signEnvelope(rootTree, [one, one])).rejects.toMatchObject({ code: 'METADATA_SIGNER' });
    const liar = { publicKey: one.publicKey, sign: (message: Uint8Array) => three.sign(message) };
    await expect(signEnvelope(rootTree, [liar])).rejects.toMatchObject({ code: 'KEY_SIGNER_WRONG' });
  });

  it('writes key ids as the hash of the canonical key, whatever the scheme', () => {
    for (const scheme of ['ed25519', 'ecdsa-sha2-nistp256'] as const) {
      const { keyId, raw } = formatKey(generateKeyPair(scheme).signer.publicKey);
      expect(keyId).toMatch(/^[0-9a-f]{64}$/);
      expect([...raw.keys()]).toEqual(['keytype', 'scheme', 'keyval']);
    }
  });
});
