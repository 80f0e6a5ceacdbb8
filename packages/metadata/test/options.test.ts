// What a trust anchor raises by name: limits, and schemes that count nowhere else. And what a rewrite keeps.

import { generateKeyPairSync, sign } from 'node:crypto';
import { encodeCanonical, encodeJson, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import {
  formatRoot,
  formatTargets,
  parseEnvelope,
  parseRoot,
  parseTargets,
  signEnvelope,
  verifyRole,
} from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';
import { keys, rootFields, rootTree, signers, twoOfThree } from './sample.ts';

const code = (name: string) => expect.objectContaining({ code: name });

function object(members: Readonly<Record<string, JsonValue>>): JsonObject {
  return new Map(Object.entries(members));
}

describe('rsa-pkcs1v15-sha256', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = String(pair.publicKey.export({ format: 'pem', type: 'spki' }));
  const rsaKey = (scheme: string) => object({ keytype: 'rsa', scheme, keyval: object({ public: pem }) });
  const role = object({ keyids: ['rsa'], threshold: 1 });
  const tree: JsonObject = new Map([
    ...rootTree,
    ['keys', object({ rsa: rsaKey('rsa-pkcs1v15-sha256'), pss: rsaKey('rsassa-pss-sha256') })],
    ['roles', object({ root: role, timestamp: role, snapshot: role, targets: role })],
  ]);
  const sig = sign('sha256', encodeCanonical(tree), pair.privateKey).toString('hex');
  const bytes = encodeJson(object({ signatures: [object({ keyid: 'rsa', sig })], signed: tree }));
  const allow = { allow: ['rsa-pkcs1v15-sha256'] } as const;
  const roleKeys = { keyIds: ['rsa'], threshold: 1 };

  it('is tolerated and does not count by default', () => {
    const root = parseRoot(tree);
    expect(root.keys.get('rsa')?.publicKey).toBeUndefined();
    expect(() => verifyRole(parseEnvelope(bytes), 'root', root.keys, roleKeys, 'root')).toThrow(
      code('METADATA_THRESHOLD'),
    );
  });

  it('counts where it is allowed by name, and as one key with its RSA-PSS spelling', () => {
    const root = parseRoot(tree, 'root', allow);
    const verified = verifyRole(parseEnvelope(bytes), 'root', root.keys, roleKeys, 'root', allow);
    expect(verified.signers).toEqual([root.keys.get('pss')?.publicKey?.identity]);
    expect(verified.value.keys.get('rsa')?.publicKey?.scheme).toBe('rsa-pkcs1v15-sha256');
  });
});

describe('limits', () => {
  it('are those of the caller where it names them', async () => {
    const bytes = await signEnvelope(rootTree, [signers[0], signers[1]]);
    const few = { limits: { keysPerRoot: keys.size - 1 } };
    const verify = (options: Parameters<typeof verifyRole>[5]) =>
      verifyRole(parseEnvelope(bytes), 'root', keys, twoOfThree, 'root', options);
    expect(() => verify(few)).toThrow(code('METADATA_LIMIT'));
    expect(verify({ limits: { keysPerRoot: keys.size } }).value.keys.size).toBe(keys.size);
    expect(() => parseEnvelope(bytes, 'json', { limits: { signatures: 1 } })).toThrow(code('METADATA_LIMIT'));
    expect(() => parseEnvelope(bytes, 'json', { json: { nodes: 10 } })).toThrow(code('JSON_LIMIT'));
    expect(() => formatRoot(rootFields, few)).toThrow(code('METADATA_LIMIT'));
  });

  it('can be raised: more targets than the default', async () => {
    const file = { length: 1, hashes: new Map([['sha256', '00'.repeat(32)]]) };
    const targets = new Map(Array.from({ length: 100_001 }, (_, index) => [`t${index}`, file]));
    const fields = {
      version: 1,
      expires: 0,
      repository: undefined,
      delegations: undefined,
      map: undefined,
      targets,
    };
    const options = { limits: { targets: 100_001 }, json: { members: 100_001 } };
    expect(() => formatTargets(fields)).toThrow(code('METADATA_LIMIT'));
    const bytes = await signEnvelope(formatTargets(fields, options), [signers[0]], options);
    expect(() => parseEnvelope(bytes)).toThrow(code('JSON_LIMIT'));
    const role = { ...twoOfThree, threshold: 1 };
    const envelope = parseEnvelope(bytes, 'json', options);
    expect(() => verifyRole(envelope, 'targets', keys, role, 'targets')).toThrow(code('METADATA_LIMIT'));
    expect(verifyRole(envelope, 'targets', keys, role, 'targets', options).value.targets.size).toBe(100_001);
  });
});

describe('unknown members of what is said about a file', () => {
  const hashes = object({ sha256: '11'.repeat(32) });
  const tree: JsonObject = new Map([
    ...formatTargets({
      version: 1,
      expires: 0,
      repository: undefined,
      delegations: undefined,
      map: undefined,
      targets: new Map(),
    }),
    ['targets', object({ a: object({ length: 1, hashes, x: 1 }), b: object({ length: 2, hashes, x: 2 }) })],
  ]);

  it('stay while the file stays, and go with it', () => {
    const before = parseTargets(tree);
    const a = before.targets.get('a');
    const changed = { length: 3, hashes: new Map([['sha256', '22'.repeat(32)]]) };
    const targets = new Map([...before.targets, ['b', changed], ['c', changed]]);
    const written = formatTargets({ ...before, targets }).get('targets') as JsonObject;
    expect(written.get('a')).toEqual(object({ length: 1, hashes, x: 1 }));
    expect(written.get('b')).toEqual(object({ length: 3, hashes: changed.hashes }));
    expect(written.get('c')).toEqual(written.get('b'));
    expect(a?.hashes).toEqual(hashes);
  });
});
