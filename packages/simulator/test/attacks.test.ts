import { openClient, openMemoryStore, type Client, type Store } from '@cargo-tuf/client';
import { encodeHex, generateKeyPair } from '@cargo-tuf/keys';
import {
  Attacker,
  DAY,
  flipMiddle,
  forge,
  HonestRepository,
  HOUR,
  indexEntry,
  signedPart,
  SimulatedClock,
} from '@cargo-tuf/simulator';
import { packBundle, unpackBundle } from '@cargo-tuf/metadata';
import { DEFAULT_POLICY } from '@cargo-tuf/repository';
import { beforeEach, describe, expect, it } from 'vitest';
import { replaceRole, restate } from './thief.ts';

let clock: SimulatedClock;
let honest: HonestRepository;
let mirror: Attacker;
let store: Store;
let client: Client;

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};
const look = async (name: string) => (await (await client.sync()).entries([name])).get(name);

/** What the store trusts: no member may ever fall. */
async function trustedVersions(): Promise<Record<string, number>> {
  const { documents } = await store.read();
  const versions: Record<string, number> = {};
  for (const [name, bytes] of documents) {
    const isSigned = name !== 'floors' && name !== 'proved';
    const version = isSigned ? signedPart(bytes).get('version') : undefined;
    if (typeof version === 'number') versions[name] = version;
  }
  return versions;
}

async function refused(code: string, work: () => Promise<unknown>): Promise<void> {
  const before = await trustedVersions();
  expect(await codeOf(work())).toBe(code);
  const after = await trustedVersions();
  for (const [name, version] of Object.entries(before))
    expect(after[name], name).toBeGreaterThanOrEqual(version);
  // A thief of online keys may have raised versions: the registry rotates these keys, which forgives it (5.3.11).
  await honest.rotate('timestamp');
  await honest.rotate('snapshot');
  mirror.relent(honest.files);
  expect(text((await look('itoa'))?.bytes)).toContain('"vers":"1.0.2"');
}

beforeEach(async () => {
  clock = new SimulatedClock();
  honest = await HonestRepository.create({ clock });
  await honest.publish({
    entries: new Map([
      ['itoa', indexEntry('itoa', '1.0.0')],
      ['ryu', indexEntry('ryu', '0.9.0')],
      ['cfg-if', indexEntry('cfg-if', '1.0.0')],
    ]),
  });
  mirror = new Attacker(honest.files);
  store = openMemoryStore();
  client = openClient({ root: honest.root, source: mirror, store, clock: clock.now });
  await look('itoa');
});

const publishItoa = () =>
  honest.publish({ entries: new Map([['itoa', indexEntry('itoa', '1.0.0', '1.0.2')]]) });

describe('an honest mirror', () => {
  it('serves what was published, and proves what was not', async () => {
    await publishItoa();
    const snapshot = await client.sync();
    const entries = await snapshot.entries(['itoa', 'ryu', 'serde']);
    expect(text(entries.get('itoa')?.bytes)).toContain('1.0.2');
    expect(entries.get('serde')).toBeUndefined();
    expect(snapshot.versions).toMatchObject({ root: 1, tree: 3, claims: 1 });
  });

  it('is asked for two files when nothing changed', async () => {
    mirror.requests.length = 0;
    await client.sync();
    expect(mirror.requests).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
  });

  it('pins a snapshot: a publish in between is not seen', async () => {
    const pinned = await client.sync();
    await publishItoa();
    expect(text((await pinned.entries(['itoa'])).get('itoa')?.bytes)).not.toContain('1.0.2');
  });

  it('lets a snapshot live for six hours', async () => {
    const pinned = await client.sync();
    clock.advance(6 * HOUR);
    expect((await pinned.entries(['ryu'])).get('ryu')).toBeDefined();
    clock.advance(1);
    expect(await codeOf(pinned.entries(['cfg-if']))).toBe('CLIENT_RUN_TOO_LONG');
  });

  it.each(['root', 'targets', 'claims', 'crates', 'snapshot', 'timestamp'] as const)(
    'follows a rotation of %s',
    async role => {
      await honest.rotate(role);
      await publishItoa();
      expect(text((await look('itoa'))?.bytes)).toContain('1.0.2');
    },
  );

  it('follows ten rotations of root at once', async () => {
    for (let i = 0; i < 10; i++) await honest.rotate('root');
    expect((await client.sync()).versions.root).toBe(11);
  });

  it('serves deleted crates as absent', async () => {
    await honest.publish({ deleted: ['ryu'] });
    expect(await look('ryu')).toBeUndefined();
  });

  it('works offline with what was verified, whatever its age', async () => {
    clock.advance(30 * DAY);
    mirror.bend(() => 'outage');
    const snapshot = await client.openOffline();
    expect(text((await snapshot.entries(['itoa'])).get('itoa')?.bytes)).toContain('1.0.0');
    expect(await codeOf(snapshot.entries(['ryu']))).toBe('CLIENT_OFFLINE');
  });
});

describe('a lying mirror', () => {
  beforeEach(publishItoa);

  it.each([
    ['timestamp', /timestamp\.json/, 'METADATA_THRESHOLD'],
    ['snapshot', /snapshot\.json/, 'METADATA_HASH'],
    ['crates', /crates\.json/, 'METADATA_HASH'],
    ['index entry', /targets\/it\/oa/, 'METADATA_HASH'],
  ])('flips a byte of the %s', async (_what, match, code) => {
    mirror.bendPath(match, flipMiddle);
    const seen = codeOf(look('itoa'));
    expect([
      code,
      'JSON_SYNTAX',
      'JSON_ENCODING',
      'METADATA_SHAPE',
      'METADATA_TIME',
      'METADATA_TYPE',
    ]).toContain(await seen);
    mirror.relent(honest.files);
    expect(text((await look('itoa'))?.bytes)).toContain('"vers":"1.0.2"');
  });

  it('drops a version line', () =>
    refused('METADATA_LENGTH', () => {
      mirror.bendPath(/targets\/it\/oa/, () => indexEntry('itoa', '1.0.0'));
      return look('itoa');
    }));

  it('serves the entry of another crate', () =>
    refused('METADATA_HASH', () => {
      mirror.bendPath(/targets\/it\/oa/, bytes => new Uint8Array((bytes as Uint8Array).length).fill(65));
      return look('itoa');
    }));

  it('serves a tile that was cut for another leaf', () =>
    refused('MERKLE_TILE_HASH', async () => {
      const other = await HonestRepository.create({ clock, seed: 1 });
      await other.publish({ entries: new Map([['serde', indexEntry('serde', '1.0.0')]]) });
      const tile = [...other.files].find(([path]) => path.endsWith('.tile'))?.[1] as Uint8Array;
      mirror.bendPath(/\.tile$/, () => tile);
      return look('itoa');
    }));

  it.each([
    ['an index entry', /targets\/it/],
    ['a tile', /\.tile$/],
    ['the snapshot', /snapshot\.json/],
    ['the timestamp', /timestamp\.json/],
    ['the claims', /claims\.json/],
  ])('says that %s is not there', (_what, match) =>
    refused('CLIENT_MISSING', async () => {
      if (String(match).includes('claims')) {
        clock.advance(8 * DAY);
        await honest.renew();
      }
      mirror.bendPath(match, () => null);
      return look('itoa');
    }),
  );

  it('invents a crate: the answer stays that there is none', async () => {
    mirror.bendPath(/targets\/se\/rd/, () => indexEntry('serde', '9.9.9'));
    expect(await look('serde')).toBeUndefined();
    expect(mirror.requests.some(path => path.includes('se/rd'))).toBe(false);
  });

  it('sends without end', () =>
    refused('SIMULATED_TOO_LONG', () => {
      mirror.bendPath(/timestamp\.json/, () => new Uint8Array(20_000));
      return look('itoa');
    }));

  it('serves another repository that the same keys signed', () =>
    refused('CLIENT_REPOSITORY', async () => {
      const timestamp = honest.files.get('metadata/timestamp.json') as Uint8Array;
      const repository = new Map([['repository', encodeHex(new Uint8Array(32).fill(9))]]);
      const forged = await forge(
        timestamp,
        { version: 9, 'x-cargo-tuf': repository },
        honest.signers.get('timestamp') ?? [],
      );
      mirror.bendPath(/timestamp\.json/, () => forged);
      return look('itoa');
    }));
});

describe('a mirror that goes back', () => {
  it('serves an older state', async () => {
    const old = honest.copy();
    await publishItoa();
    await look('itoa');
    await refused('CLIENT_ROLLBACK', () => {
      mirror.serve(old);
      return look('itoa');
    });
  });

  it('serves an older state after ours has expired', async () => {
    const old = honest.copy();
    await publishItoa();
    await look('itoa');
    clock.advance(2 * DAY);
    mirror.serve(old);
    expect(await codeOf(look('itoa'))).toBe('CLIENT_ROLLBACK');
    await honest.renew();
    mirror.relent(honest.files);
    expect(text((await look('itoa'))?.bytes)).toContain('1.0.2');
  });

  it('freezes', async () => {
    const frozen = honest.copy();
    await publishItoa();
    mirror.serve(frozen);
    clock.advance(23 * HOUR);
    expect(text((await look('itoa'))?.bytes)).not.toContain('1.0.2');
    clock.advance(2 * HOUR);
    expect(await codeOf(look('itoa'))).toBe('CLIENT_EXPIRED');
    await honest.renew();
    mirror.relent(honest.files);
    expect(text((await look('itoa'))?.bytes)).toContain('1.0.2');
  });

  it('meets a clock that was set back', async () => {
    clock.advance(23 * HOUR);
    await honest.renew();
    await client.sync();
    clock.advance(-3 * DAY);
    expect(await codeOf(client.sync())).toBe('CLIENT_CLOCK');
  });

  it.each<[string, (bytes: Uint8Array | null) => Uint8Array | null]>([
    ['is not there', () => null],
    ['is bent', flipMiddle],
    ['is cut short', bytes => bytes?.subarray(0, bytes.length - 9) ?? null],
    ['has too much', bytes => bytes && (packBundle([unpackBundle(bytes), bytes]) ?? null)],
    ['is of another snapshot', () => honest.files.get('metadata/1.bundle') ?? null],
  ])('has a bundle that %s: the roles come one by one', async (_, change) => {
    await publishItoa();
    mirror.bendBundles(change);
    const before = mirror.requests.length;
    expect(await look('itoa')).toBeDefined();
    const asked = mirror.requests.slice(before);
    expect(asked.filter(path => path.endsWith('.bundle')).length).toBe(1);
    expect(asked.some(path => path.endsWith('.snapshot.json'))).toBe(true);
  });

  it('mixes an old snapshot under a later timestamp', async () => {
    const old = honest.copy();
    await publishItoa();
    await refused('METADATA_HASH', () => {
      const oldest = [...old].find(([path]) => /\d+\.snapshot\.json$/.test(path))?.[1] as Uint8Array;
      mirror.bendPath(/snapshot\.json/, bytes =>
        bytes && oldest.length === bytes.length ? oldest : flipMiddle(bytes),
      );
      return look('itoa');
    });
  });
});

describe('stolen keys', () => {
  const steal = (role: 'timestamp' | 'crates' | 'snapshot' | 'targets' | 'root') =>
    honest.signers.get(role) ?? [];
  const file = (path: string) => honest.files.get(path) as Uint8Array;

  it.each(['timestamp', 'snapshot', 'crates', 'claims', 'targets'] as const)(
    'of a stranger cannot sign %s',
    role =>
      refused('METADATA_THRESHOLD', async () => {
        await publishItoa();
        const bent = await replaceRole(honest, role, [generateKeyPair('ed25519').signer]);
        mirror.serve(bent);
        return look('itoa');
      }),
  );

  it.each(['timestamp', 'snapshot', 'crates', 'claims', 'targets'] as const)(
    'that are too few cannot sign %s',
    async role => {
      honest = await HonestRepository.create({
        clock,
        policy: { ...DEFAULT_POLICY, [role]: { threshold: 2, period: DAY } },
      });
      await publishItoa();
      mirror = new Attacker(honest.files);
      store = openMemoryStore();
      client = openClient({ root: honest.root, source: mirror, store, clock: clock.now });
      await look('itoa');
      await refused('METADATA_THRESHOLD', async () => {
        const [one] = honest.signers.get(role) ?? [];
        mirror.serve(await replaceRole(honest, role, one ? [one] : []));
        return look('itoa');
      });
    },
  );

  it.each([
    ['a stranger', () => [generateKeyPair('ed25519').signer]],
    ['nobody', () => []],
  ])('of %s cannot sign root', (_who, signers) =>
    refused('METADATA_THRESHOLD', async () => {
      await publishItoa();
      const root = await forge(file('metadata/1.root.json'), { version: 2 }, signers());
      mirror.bendPath(/2\.root\.json/, () => root);
      return look('itoa');
    }),
  );

  it('of the next root alone cannot bring it in', () =>
    refused('METADATA_THRESHOLD', async () => {
      await publishItoa();
      const [own] = await honest.rotate('root');
      const next = honest.signers.get('root') ?? [];
      const root = await forge(file('metadata/2.root.json'), {}, next);
      mirror.bendPath(/2\.root\.json/, () => root);
      expect(own).toBeDefined();
      return look('itoa');
    }));

  it('of timestamp alone cannot lower the snapshot', async () => {
    const before = signedPart(file('metadata/timestamp.json')).get('meta');
    await publishItoa();
    await look('itoa');
    await refused('CLIENT_ROLLBACK', async () => {
      const forged = await forge(
        file('metadata/timestamp.json'),
        { version: 99, meta: before ?? null },
        steal('timestamp'),
      );
      mirror.bendPath(/timestamp\.json/, () => forged);
      return look('itoa');
    });
  });

  it('of timestamp alone cannot state another map', () =>
    refused('CLIENT_MIX', async () => {
      await publishItoa();
      const forged = await forge(
        file('metadata/timestamp.json'),
        { version: 3, merkle_root: 'ab'.repeat(32) },
        steal('timestamp'),
      );
      mirror.bendPath(/timestamp\.json/, () => forged);
      return look('itoa');
    }));

  it('that were rotated away are worth nothing', async () => {
    const old = await honest.rotate('timestamp');
    await publishItoa();
    await client.sync();
    await refused('METADATA_THRESHOLD', async () => {
      const forged = await forge(file('metadata/timestamp.json'), { version: 99 }, old);
      mirror.bendPath(/timestamp\.json/, () => forged);
      return look('itoa');
    });
  });

  it('of timestamp that ran the version up are forgiven once they are rotated', async () => {
    const forged = await forge(file('metadata/timestamp.json'), { version: 2 ** 53 - 1 }, steal('timestamp'));
    mirror.bendPath(/timestamp\.json/, () => forged);
    await client.sync();
    mirror.relent(honest.files);
    expect(await codeOf(client.sync())).toBe('CLIENT_ROLLBACK');
    await honest.rotate('timestamp');
    await publishItoa();
    expect(text((await look('itoa'))?.bytes)).toContain('1.0.2');
  });

  it('of the map that ran its version up are forgiven by a higher epoch', async () => {
    const crates = file('metadata/2.crates.json');
    const extension = signedPart(crates).get('x-cargo-tuf') as Map<string, never>;
    const map = extension.get('map') as unknown as Map<string, never>;
    const run = new Map([...extension, ['map', new Map([...map, ['version', 2 ** 40 - 1]])]]) as never;
    honest.files.set(
      'metadata/3.crates.json',
      await forge(crates, { version: 3, 'x-cargo-tuf': run }, steal('crates')),
    );
    // The thief holds all three online keys: the honest publisher signs what stands there.
    await restate(honest.files, honest, 'crates', 3);
    await client.sync();
    await honest.raiseEpoch();
    const snapshot = await client.sync();
    expect(snapshot.versions.tree).toBe(2 ** 40 + 1);
    expect((await snapshot.entries(['ryu'])).get('ryu')?.leaf.version).toBe(2 ** 40 + 1);
  });
});

describe('an endless chain of roots', () => {
  it('ends at the limit', async () => {
    for (let i = 0; i < 4; i++) await honest.renewRoot();
    const bounded = openClient({
      root: honest.root,
      source: mirror,
      store: openMemoryStore(),
      clock: clock.now,
      limits: { rootRotations: 3 },
    });
    expect(await codeOf(bounded.sync())).toBe('CLIENT_ROOT_ROTATIONS');
  });

  it('is no way to skip a version', () =>
    refused('CLIENT_ROOT_VERSION', async () => {
      await publishItoa();
      await honest.renewRoot();
      await honest.renewRoot();
      mirror.bendPath(/\/2\.root\.json/, () => honest.files.get('metadata/3.root.json') ?? null);
      return look('itoa');
    }));
});

describe('a floor file', () => {
  it.each([
    ['root', { root: 2 }],
    ['tree', { tree: 1000 }],
    ['claims', { claims: 2 }],
  ])('raises what is required of %s', async (_what, required) => {
    const strict = openClient({
      root: honest.root,
      source: mirror,
      store: openMemoryStore(),
      clock: clock.now,
      required,
    });
    expect(await codeOf(strict.sync())).toBe('CLIENT_ROLLBACK');
  });
});

describe('a damaged store', () => {
  it.each(['timestamp', 'snapshot', 'targets', 'delegated.crates', 'delegated.claims'])(
    'without %s syncs again',
    async name => {
      const { revision } = await store.read();
      await store.replace(revision, new Map([[name, null]]));
      expect(text((await look('itoa'))?.bytes)).toContain('1.0.0');
    },
  );

  it.each(['timestamp', 'snapshot', 'targets', 'delegated.crates', 'delegated.claims'])(
    'with a bent %s syncs again',
    async name => {
      const { revision, documents } = await store.read();
      await store.replace(revision, new Map([[name, flipMiddle(documents.get(name) ?? null)]]));
      expect(text((await look('itoa'))?.bytes)).toContain('1.0.0');
    },
  );
});
