import { CLIENT_LIMITS, type ClientLimits, openMemoryStore } from '@cargo-tuf/client';
import { describe, expect, it } from 'vitest';
import { codeOf, DAY, leafOf, makeFiles, makeRoot, Mirror, NOW, open, type Shape } from './world.ts';

const HOUR = 60 * 60 * 1000;

async function outcome(limits: object, shape: Shape = {}): Promise<string> {
  const files = await makeFiles(shape);
  const root = files.get('metadata/1.root.json') as Uint8Array;
  return codeOf(async () =>
    open(new Mirror(files), { root, limits: limits as Partial<ClientLimits> }).sync(),
  );
}

describe('limits', () => {
  it.each(Object.keys(CLIENT_LIMITS))('%s is a whole number, or the client does not open', async name => {
    for (const limit of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, '5', undefined, null])
      expect(await outcome({ [name]: limit }), `${name} = ${limit}`).toBe('CLIENT_LIMIT');
  });

  it('parallel is 1 or more', async () => {
    expect(await outcome({ parallel: 0 })).toBe('CLIENT_LIMIT');
    expect(await outcome({ parallel: 1 })).toBe('accepted');
  });

  it.each(['timestamp', 'snapshot'] as const)(
    '%s: the limit is accepted, one byte more is not',
    async name => {
      const files = await makeFiles();
      const root = files.get('metadata/1.root.json') as Uint8Array;
      const path = name === 'timestamp' ? 'metadata/timestamp.json' : 'metadata/1.snapshot.json';
      const { length } = files.get(path) as Uint8Array;
      const at = (limit: number) =>
        codeOf(open(new Mirror(files), { root, limits: { [name]: limit } }).sync());
      expect(await at(length)).toBe('accepted');
      expect(await at(length - 1)).toContain(`longer than ${length - 1}`);
    },
  );

  it('root: the limit is accepted, one byte more is not', async () => {
    const files = await makeFiles();
    const root = files.get('metadata/1.root.json') as Uint8Array;
    const second = await makeRoot(2);
    files.set('metadata/2.root.json', second);
    const at = (limit: number) => codeOf(open(new Mirror(files), { root, limits: { root: limit } }).sync());
    expect(await at(second.length)).toBe('accepted');
    expect(await at(second.length - 1)).toContain('longer than');
  });

  it('run: a snapshot lives for six hours', async () => {
    const files = await makeFiles();
    let now = NOW;
    const snapshot = await open(new Mirror(files), {
      root: files.get('metadata/1.root.json') as Uint8Array,
      clock: () => now,
    }).sync();
    now = NOW + 6 * HOUR;
    expect(await codeOf(snapshot.leaves(['itoa']))).toBe('accepted');
    now += 1;
    expect(await codeOf(snapshot.leaves(['itoa']))).toBe('CLIENT_RUN_TOO_LONG');
    now = NOW - 6 * HOUR - 1;
    expect(await codeOf(snapshot.leaves(['itoa']))).toBe('CLIENT_RUN_TOO_LONG');
  });

  it('clockSlack: the clock may fall by a day', async () => {
    const files = await makeFiles({ timestamp: { expires: NOW + 9 * DAY } });
    const root = files.get('metadata/1.root.json') as Uint8Array;
    const store = openMemoryStore();
    const at = (time: number) => codeOf(open(new Mirror(files), { root, store, clock: () => time }).sync());
    expect(await at(NOW)).toBe('accepted');
    expect(await at(NOW - DAY)).toBe('accepted');
    expect(await at(NOW - DAY - 1)).toBe('CLIENT_CLOCK');
  });
});

describe('what maps must state', () => {
  it('the same root in timestamp and crates, never none', async () => {
    expect(await outcome({}, { timestamp: { merkleRoot: undefined } })).toBe('CLIENT_MIX');
    expect(await outcome({}, { timestamp: { merkleRoot: '00'.repeat(32) } })).toBe('CLIENT_MIX');
    expect(await outcome({}, { crates: { map: undefined } })).toBe('CLIENT_MIX');
  });

  it.each([
    ['tree', (version: number) => ({ tree: version })],
    ['claims', (version: number) => ({ claimsVersion: version })],
  ])('%s versions of epochs up to the root', async (_what, shape) => {
    const root = { index: { kind: 'map', epoch: 1 } } as const;
    expect(await outcome({}, { ...shape(2 ** 41 - 1), root })).toBe('accepted');
    expect(await outcome({}, { ...shape(2 ** 41), root })).toBe('CLIENT_MIX');
    expect(await outcome({}, { ...shape(2 ** 40), root: {} })).toBe('CLIENT_MIX');
  });

  it('claims at the floor of root, not below', async () => {
    expect(await outcome({}, { claimsVersion: 3, root: { claimsFloor: 3 } })).toBe('accepted');
    expect(await outcome({}, { claimsVersion: 2, root: { claimsFloor: 3 } })).toBe('CLIENT_ROLLBACK');
  });

  it('one root under one version', async () => {
    const store = openMemoryStore();
    const files = await makeFiles();
    const root = files.get('metadata/1.root.json') as Uint8Array;
    await open(new Mirror(files), { root, store }).sync();
    const other = await makeFiles({ version: 2, tree: 1, leaves: [leafOf('itoa'), leafOf('ryu')] });
    expect(await codeOf(open(new Mirror(other), { root, store }).sync())).toBe('CLIENT_EQUIVOCATION');
  });

  it('no leaf above its tree, and none of another version than was seen', async () => {
    const store = openMemoryStore();
    const sync = async (shape: Shape) => {
      const files = await makeFiles(shape);
      const root = files.get('metadata/1.root.json') as Uint8Array;
      return open(new Mirror(files), { root, store }).sync();
    };
    const above = await sync({ leaves: [leafOf('itoa', 2)], tree: 1 });
    expect(await codeOf(above.leaves(['itoa']))).toBe('CLIENT_MIX');
    const good = await sync({ version: 5, leaves: [leafOf('itoa', 4)] });
    expect(await codeOf(good.leaves(['itoa']))).toBe('accepted');
    const lower = await sync({ version: 6, leaves: [leafOf('itoa', 3)] });
    expect(await codeOf(lower.leaves(['itoa']))).toBe('CLIENT_ROLLBACK');
    const gone = await sync({ version: 7, leaves: [leafOf('ryu', 3)] });
    expect(await codeOf(gone.leaves(['itoa']))).toBe('CLIENT_ROLLBACK');
    const changed = await sync({ version: 8, leaves: [{ ...leafOf('iota', 4), name: 'itoa', length: 1 }] });
    expect(await codeOf(changed.leaves(['itoa']))).toBe('CLIENT_EQUIVOCATION');
    const later = await sync({ version: 9, leaves: [leafOf('itoa', 9)] });
    expect(await codeOf(later.leaves(['itoa']))).toBe('accepted');
  });

  it('a claimed crate is not taken from the registry alone', async () => {
    const claim = { ...leafOf('cfg_if'), kind: 'claim' as const };
    const sync = async (shape: Shape) => {
      const files = await makeFiles(shape);
      return open(new Mirror(files), { root: files.get('metadata/1.root.json') as Uint8Array }).sync();
    };
    const spelled = await sync({ claims: [claim], leaves: [leafOf('cfg-if')] });
    expect(await codeOf(spelled.leaves(['cfg-if']))).toBe('CLIENT_CLAIMED');
    const released = await sync({ claims: [{ ...claim, kind: 'released' }], leaves: [leafOf('cfg-if')] });
    expect(await codeOf(released.leaves(['cfg-if']))).toBe('accepted');
    const unclaimed = await sync({ leaves: [{ ...leafOf('itoa'), kind: 'role-file' }] });
    expect(await codeOf(unclaimed.leaves(['itoa']))).toBe('CLIENT_CLAIM');
  });
});
