// The same files through another implementation: the models of tuf-js 4.0.0. It verifies Ed25519 and ECDSA on P-256;
// its verification of RSA is that of PKCS #1 v1.5, and of P-384 that with SHA-256, whatever the scheme says.

import { createPrivateKey, sign } from 'node:crypto';
import {
  encodeCanonical,
  encodeJson,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { generateKeyPair } from '@cargo-tuf/keys';
import { formatTargets, parseEnvelope, parseTargets, signEnvelope, verifyRole } from '@cargo-tuf/metadata';
import { Key as TheirKey, Metadata, MetadataKind, Root, Signature, TargetFile, Targets } from '@tufjs/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, keys, keysOf, rootTree, signers, twoOfThree } from './sample.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** What tuf-js would sign. */
function theirPayload(metadata: Metadata<Root> | Metadata<Targets>): Uint8Array {
  let payload = new Uint8Array();
  metadata.sign(bytes => {
    payload = new Uint8Array(bytes);
    return new Signature({ keyID: 'none', sig: '' });
  });
  return payload;
}

describe('a root that we sign', () => {
  it('is verified by tuf-js over the same bytes', async () => {
    const bytes = await signEnvelope(rootTree, [signers[0], signers[1]]);
    const theirs = Metadata.fromJSON(MetadataKind.Root, JSON.parse(text(bytes)));
    expect(() => theirs.verifyDelegate('root', theirs)).not.toThrow();
    expect(theirPayload(theirs)).toEqual(parseEnvelope(bytes).payload);
  });

  it('is refused by both when a signature is missing', async () => {
    const bytes = await signEnvelope(rootTree, [signers[0]]);
    const theirs = Metadata.fromJSON(MetadataKind.Root, JSON.parse(text(bytes)));
    expect(() => theirs.verifyDelegate('root', theirs)).toThrow(/signed by 1\/2/);
    expect(() => verifyRole(parseEnvelope(bytes), 'root', keys, twoOfThree, 'root')).toThrow(
      expect.objectContaining({ code: 'METADATA_THRESHOLD' }),
    );
  });
});

describe('files that tuf-js signs', () => {
  const pairs = [generateKeyPair('ed25519'), generateKeyPair('ecdsa-sha2-nistp256')].map(
    ({ signer, privateKeyPkcs8 }) => ({
      ...keyOf(signer),
      privateKey: createPrivateKey({ key: Buffer.from(privateKeyPkcs8), format: 'der', type: 'pkcs8' }),
    }),
  );
  const ours = keysOf(pairs);
  const role = { keyIds: [...ours.keys()], threshold: 2 };
  const options = { specVersion: '1.0.31', version: 1, expires: '2030-01-01T00:00:00Z' };

  function signAll(metadata: Metadata<Root> | Metadata<Targets>): Uint8Array {
    for (const { keyId, privateKey } of pairs) {
      metadata.sign(
        bytes => new Signature({ keyID: keyId, sig: sign(undefined, bytes, privateKey).toString('hex') }),
      );
    }
    return encode(metadata.toJSON());
  }

  it('a root', () => {
    const root = new Root({ ...options, consistentSnapshot: true, unrecognizedFields: { x: { y: [1] } } });
    for (const { keyId, raw } of pairs) {
      const key = TheirKey.fromJSON(keyId, JSON.parse(text(encodeJson(raw))));
      for (const name of ['root', 'timestamp', 'snapshot', 'targets']) root.addKey(key, name);
    }
    const bytes = signAll(new Metadata(root));
    const verified = verifyRole(parseEnvelope(bytes), 'root', ours, role, 'root').value;
    expect([...verified.keys.values()].map(key => key.publicKey?.identity)).toEqual(
      pairs.map(pair => pair.publicKey?.identity),
    );
    expect(verified.consistentSnapshot).toBe(true);
    expect(verified.signed.get('x')).toEqual(new Map([['y', [1]]]));
  });

  it('targets, with their members in an order of their own', () => {
    const targets = new Targets({ ...options });
    for (const path of ['b', 'a/é', 'a']) {
      targets.addTarget(new TargetFile({ length: 1, path, hashes: { sha256: '00'.repeat(32) } }));
    }
    const bytes = signAll(new Metadata(targets));
    const verified = verifyRole(parseEnvelope(bytes), 'targets', ours, role, 'targets').value;
    expect([...verified.targets.keys()]).toEqual(['b', 'a/é', 'a']);
  });
});

describe('random targets', () => {
  // Keys beyond U+D7FF are sorted otherwise there, and keys that are integers are moved to the front.
  const name = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '.', '-', 'é', '"', '\\', '\n'),
    minLength: 1,
  });
  const path = name.map(tail => `p${tail}`);
  const file = fc.record({
    length: fc.nat(),
    hashes: fc.constant(new Map([['sha256', 'ab'.repeat(32)]])),
    custom: fc.constant(new Map([['x', [1, 'ü']]])),
  });
  const files = fc.array(fc.tuple(path, file), { maxLength: 8 }).map(entries => new Map(entries));

  it('have one canonical form, and one meaning, in both', () => {
    fc.assert(
      fc.property(files, fc.boolean(), (targets, sorted) => {
        const signed: JsonObject = formatTargets({
          version: 1,
          expires: 0,
          repository: undefined,
          delegations: undefined,
          map: undefined,
          targets,
        });
        const json = text(
          encodeJson(
            new Map<string, JsonValue>([
              ['signatures', []],
              ['signed', signed],
            ]),
            { sorted },
          ),
        );
        const theirs = Metadata.fromJSON(MetadataKind.Targets, JSON.parse(json));
        expect(theirPayload(theirs)).toEqual(encodeCanonical(signed));
        expect(theirPayload(theirs)).toEqual(parseEnvelope(new TextEncoder().encode(json)).payload);
        const again = parseJson(encode(theirs.signed.toJSON())) as JsonObject;
        expect(parseTargets(again).targets).toEqual(targets);
      }),
    );
  });
});
