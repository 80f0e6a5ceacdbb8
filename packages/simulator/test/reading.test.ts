// What a trust anchor says about how a repository is read holds for all of its files: from the anchor to delegated roles,
// from the network and from the store.

import { generateKeyPairSync, sign } from 'node:crypto';
import {
  type ClientOptions,
  openClient,
  openMemoryStore,
  type Snapshot,
  type Store,
} from '@cargo-tuf/client';
import { encodeHex, importPublicKey, parseSpki, type Signer, sha256 } from '@cargo-tuf/keys';
import type { TargetFile } from '@cargo-tuf/metadata';
import { Attacker, type PlainRepository, signPlainRepository } from '@cargo-tuf/simulator';
import { beforeAll, describe, expect, it } from 'vitest';

const NOW = Date.UTC(2030, 0, 1);
const ALLOW = ['rsa-pkcs1v15-sha256'] as const;
const contentOf = (path: string): Uint8Array => new TextEncoder().encode(`content of ${path}`);
const PATHS = ['top', 'more/below'];
const list = (...paths: readonly string[]): ReadonlyMap<string, TargetFile> =>
  new Map(
    paths.map(path => {
      const bytes = contentOf(path);
      return [path, { length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) }];
    }),
  );

type Options = Omit<Parameters<typeof signPlainRepository>[1], 'time' | 'roots' | 'delegated'>;
const make = async (options: Options = {}): Promise<PlainRepository> => {
  const delegated = list('more/below');
  const made = await signPlainRepository(list('top'), { ...options, time: NOW, roots: 2, delegated });
  for (const [path, at] of made.paths) made.files.set(at, contentOf(path));
  return made;
};

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const clientOf = (
  { root, files }: PlainRepository,
  options: Partial<ClientOptions> = {},
  store: Store = openMemoryStore(),
) => openClient({ root, source: new Attacker(files), store, clock: () => NOW, ...options });

async function readAll(snapshot: Snapshot): Promise<void> {
  for (const path of PATHS) expect(await snapshot.fetchTarget(path)).toEqual(contentOf(path));
}

/** Sync, delegated roles, and both again without a network. */
const workflow = (repository: PlainRepository, options: Partial<ClientOptions> = {}) =>
  codeOf(async () => {
    const store = openMemoryStore();
    const snapshot = await clientOf(repository, options, store).sync();
    expect(snapshot.versions.root).toBe(2);
    await readAll(snapshot);
    await readAll(await clientOf(repository, options, store).openOffline());
    await readAll(await clientOf(repository, options, store).sync());
  });

describe('the format', () => {
  let dsse: PlainRepository;
  let json: PlainRepository;
  beforeAll(async () => {
    dsse = await make({ format: 'dsse' });
    json = await make();
  });

  it('is JSON unless the anchor says DSSE, and never the other one', async () => {
    expect(await workflow(json)).toBe('accepted');
    expect(await workflow(dsse, { format: 'dsse' })).toBe('accepted');
    expect(await workflow(dsse)).toBe('METADATA_FORMAT');
    expect(await workflow(json, { format: 'dsse' })).toBe('METADATA_FORMAT');
  });

  it.each(['1.root', '2.root', 'timestamp', '1.snapshot', '1.targets', '1.more'])(
    'is that of %s too',
    async odd => {
      const dsseBut = await make({ format: 'dsse', formatOf: name => (name === odd ? 'json' : 'dsse') });
      expect(await workflow(dsseBut, { format: 'dsse' })).toBe('METADATA_FORMAT');
      const jsonBut = await make({ formatOf: name => (name === odd ? 'dsse' : 'json') });
      expect(await workflow(jsonBut)).toBe('METADATA_FORMAT');
    },
  );

  it('of the store is that of the anchor', async () => {
    const store = openMemoryStore();
    await clientOf(json, {}, store).sync();
    expect(await codeOf(() => clientOf(dsse, { format: 'dsse' }, store).openOffline())).toBe(
      'CLIENT_NO_STATE',
    );
  });
});

describe('RSA with PKCS#1 v1.5', () => {
  it('is refused, and accepted where the anchor allows it by name', async () => {
    const { signer } = await signerOf();
    const repository = await make({ signer, allow: ALLOW });
    expect(await workflow(repository)).toBe('METADATA_THRESHOLD');
    expect(await workflow(repository, { allow: [] })).toBe('METADATA_THRESHOLD');
    expect(await workflow(repository, { allow: ALLOW })).toBe('accepted');
    const dsse = await make({ signer, allow: ALLOW, format: 'dsse' });
    expect(await workflow(dsse, { allow: ALLOW, format: 'dsse' })).toBe('accepted');
  });
});

describe('the limits of metadata', () => {
  it('are those of the anchor, in every file', async () => {
    const repository = await make();
    const at = (metadataLimits: object) => workflow(repository, { metadataLimits });
    expect(await at({ targets: 1, metaFiles: 2, patterns: 1, keysPerRoot: 1 })).toBe('accepted');
    expect(await at({ targets: 0 })).toBe('METADATA_LIMIT');
    expect(await at({ metaFiles: 1 })).toBe('METADATA_LIMIT');
    expect(await at({ keysPerRoot: 0 })).toBe('METADATA_LIMIT');
    expect(await workflow(repository, { jsonLimits: { nodes: 5 } })).toBe('JSON_LIMIT');
  });

  it.each([Number.NaN, -1, 1.5])('of %d do not open', async limit => {
    const repository = await make();
    expect(await workflow(repository, { metadataLimits: { targets: limit } })).toBe('CLIENT_LIMIT');
    expect(await workflow(repository, { jsonLimits: { nodes: limit } })).toBe('CLIENT_LIMIT');
  });
});

/** A signer of a scheme that nothing of ours signs with. */
async function signerOf(): Promise<{ signer: Signer }> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { bytes } = parseSpki(String(pair.publicKey.export({ format: 'pem', type: 'spki' })));
  const publicKey = importPublicKey(ALLOW[0], bytes, undefined, ALLOW);
  return {
    signer: { publicKey, sign: async message => new Uint8Array(sign('sha256', message, pair.privateKey)) },
  };
}
