// DSSE beside JSON: exact bytes, one pinned format, and no way from one into the other.

import { createHash, createPublicKey } from 'node:crypto';
import { encodeCanonical, encodeJson, type JsonObject, parseJson } from '@cargo-tuf/canonical-json';
import { formatSpki, generateKeyPair, type Signer } from '@cargo-tuf/keys';
import {
  addSignature,
  type Format,
  formatKey,
  formatRoot,
  formatTimestamp,
  type Key,
  parseEnvelope,
  parseRoot,
  type RoleKeys,
  signEnvelope,
  type TopLevelRole,
  verifyRole,
} from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';
import { rootFields } from './sample.ts';

const signers: readonly Signer[] = [
  generateKeyPair('ed25519').signer,
  generateKeyPair('ecdsa-sha2-nistp256').signer,
  generateKeyPair('ecdsa-sha2-nistp384').signer,
  generateKeyPair('rsassa-pss-sha256').signer,
];
const [one, two, three] = signers as [Signer, Signer, Signer];
const keys: ReadonlyMap<string, Key> = new Map(
  signers.map(({ publicKey }) => {
    const { keyId, raw } = formatKey(publicKey, 'dsse');
    return [keyId, { keyId, raw, publicKey }];
  }),
);
const twoOfFour: RoleKeys = { keyIds: [...keys.keys()], threshold: 2 };
const roles = new Map<TopLevelRole, RoleKeys>(
  (['root', 'timestamp', 'snapshot', 'targets'] as const).map(role => [role, twoOfFour]),
);
const rootTree = formatRoot({ ...rootFields, keys, roles });
const code = (name: string) => expect.objectContaining({ code: name });
const dsse = { format: 'dsse' } as const;

function verifyRoot(bytes: Uint8Array, format: Format = 'dsse') {
  return verifyRole(parseEnvelope(bytes, format), 'root', keys, twoOfFour, 'root');
}

function withMembers(bytes: Uint8Array, members: JsonObject): Uint8Array {
  return encodeJson(new Map([...(parseJson(bytes) as JsonObject), ...members]));
}

describe('a root in DSSE', () => {
  it('is signed and verified by keys of every scheme', async () => {
    const bytes = await signEnvelope(rootTree, signers, dsse);
    const root = verifyRoot(bytes);
    expect(root.signers).toEqual(signers.map(signer => signer.publicKey.identity));
    expect(root.value).toEqual(parseRoot(parseEnvelope(bytes, 'dsse').signed));
    expect(root.value.keys).toEqual(keys);
  });

  it('is covered by "DSSEv1 " type and payload with their lengths in bytes', async () => {
    const tree: JsonObject = new Map([...rootTree, ['x', 'é\n']]);
    const bytes = await signEnvelope(tree, [one], dsse);
    const payload = Buffer.from((parseJson(bytes) as Map<string, string>).get('payload') as string, 'base64');
    expect(parseEnvelope(bytes, 'dsse').payload).toEqual(
      new Uint8Array(
        Buffer.concat([Buffer.from(`DSSEv1 24 application/vnd.tuf+json ${payload.length} `), payload]),
      ),
    );
    expect(new Map(parseJson(payload) as JsonObject)).toEqual(tree);
  });

  it('means what the exact bytes of its payload say, not another spelling of them', async () => {
    const bytes = await signEnvelope(rootTree, [one, two], dsse);
    const spaced = Buffer.from(encodeJson(rootTree, { indent: 1 })).toString('base64');
    expect(() => verifyRoot(withMembers(bytes, new Map([['payload', spaced]])))).toThrow(
      code('METADATA_THRESHOLD'),
    );
  });

  it('takes a signature more without touching its payload, and replaces that of the same key', async () => {
    const first = withMembers(await signEnvelope(rootTree, [one], dsse), new Map([['x', 1]]));
    const both = await addSignature(first, two, dsse);
    expect(verifyRoot(both).signers).toHaveLength(2);
    expect(parseEnvelope(both, 'dsse').payload).toEqual(parseEnvelope(first, 'dsse').payload);
    expect((parseJson(both) as JsonObject).get('x')).toBe(1);
    expect(parseEnvelope(await addSignature(both, two, dsse), 'dsse').signatures).toHaveLength(2);
  });

  it('counts one public key under two ids once', async () => {
    const bytes = await signEnvelope(rootTree, [one], dsse);
    const again = await addSignature(bytes, one, { ...dsse, keyIdOf: () => 'other' });
    const known = new Map([...keys, ['other', keys.get(twoOfFour.keyIds[0] as string) as Key]]);
    const role = { keyIds: [...known.keys()], threshold: 2 };
    expect(() => verifyRole(parseEnvelope(again, 'dsse'), 'root', known, role, 'root')).toThrow(
      code('METADATA_THRESHOLD'),
    );
  });
});

describe('key ids of DSSE', () => {
  it('are the SHA-256 of the DER SubjectPublicKeyInfo', () => {
    for (const { publicKey } of signers) {
      const der = createPublicKey(formatSpki(publicKey)).export({ format: 'der', type: 'spki' });
      expect(formatKey(publicKey, 'dsse').keyId).toBe(createHash('sha256').update(der).digest('hex'));
      expect(formatKey(publicKey, 'dsse').raw).toEqual(formatKey(publicKey).raw);
      expect(formatKey(publicKey).keyId).not.toBe(formatKey(publicKey, 'dsse').keyId);
    }
  });
});

describe('the format', () => {
  it('is pinned: a file of the other one is refused', async () => {
    const written = await signEnvelope(rootTree, [one, two], dsse);
    const json = await signEnvelope(rootTree, [one, two]);
    expect(() => parseEnvelope(written)).toThrow(
      expect.objectContaining({
        code: 'METADATA_FORMAT',
        message: 'metadata: a file with "payload", expected JSON with "signed"',
      }),
    );
    expect(() => parseEnvelope(json, 'dsse')).toThrow(
      expect.objectContaining({
        code: 'METADATA_FORMAT',
        message: 'metadata: a file with "signed", expected DSSE with "payload"',
      }),
    );
    await expect(addSignature(written, three)).rejects.toMatchObject({ code: 'METADATA_FORMAT' });
    await expect(addSignature(json, three, dsse)).rejects.toMatchObject({ code: 'METADATA_FORMAT' });
  });

  it('separates signatures: what was signed in one does not count in the other', async () => {
    // Without PEM in it, whose line breaks make the canonical form something else than JSON.
    const tree = formatTimestamp({
      version: 1,
      expires: 0,
      repository: undefined,
      snapshot: { version: 1 },
      merkleRoot: undefined,
    });
    const keyIdOf = () => twoOfFour.keyIds[0] as string;
    const json = parseJson(await signEnvelope(tree, [one], { keyIdOf })) as JsonObject;
    const written = parseJson(await signEnvelope(tree, [one], { ...dsse, keyIdOf })) as JsonObject;
    const [signature] = json.get('signatures') as readonly JsonObject[];
    const sig = Buffer.from(signature?.get('sig') as string, 'hex').toString('base64');
    const payload = Buffer.from(encodeCanonical(tree)).toString('base64');
    expect(payload).toBe(written.get('payload'));
    const entry = new Map([
      ['keyid', keyIdOf()],
      ['sig', sig],
    ]);
    const forged = encodeJson(new Map([...written, ['signatures', [entry]]]));
    const role = { keyIds: [keyIdOf()], threshold: 1 };
    const verify = (bytes: Uint8Array) =>
      verifyRole(parseEnvelope(bytes, 'dsse'), 'timestamp', keys, role, 'timestamp').signers;
    expect(() => verify(forged)).toThrow(code('METADATA_THRESHOLD'));
    expect(verify(encodeJson(written))).toHaveLength(1);
  });
});

describe('every bit of a signed DSSE root', () => {
  const few = new Map([...keys].slice(0, 2));
  const role = { keyIds: [...few.keys()], threshold: 2 };
  const smallRoles = new Map([...roles].map(([name]) => [name, role] as const));
  const smallRoot = formatRoot({ ...rootFields, keys: few, roles: smallRoles });

  it('refuses the file when it is flipped, or changes nothing of its meaning', async () => {
    const bytes = await signEnvelope(smallRoot, [one, two], dsse);
    const before = verifyRoot(bytes);
    let harmless = 0;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let after: typeof before;
      try {
        after = verifyRoot(damaged);
      } catch (error) {
        expect(error).toMatchObject({ name: 'TufError', code: expect.stringMatching(/^(JSON|METADATA)_/) });
        continue;
      }
      harmless += 1;
      expect(after.value).toEqual(before.value);
    }
    expect(harmless).toBe(0);
  });

  it('refuses every cut', async () => {
    const bytes = await signEnvelope(smallRoot, [one, two], dsse);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => verifyRoot(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ name: 'TufError' }),
      );
    }
  });
});
