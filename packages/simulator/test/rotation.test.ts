// A rotation is two writes: a timestamp and a root. Wherever it stops, clients of both roots go on.

import { openClient, openMemoryStore } from '@cargo-tuf/client';
import { generateKeyPair } from '@cargo-tuf/keys';
import { type PublishedBytes, raiseEpoch, renewRoot, type RoleName, rotate } from '@cargo-tuf/repository';
import { Attacker, DAY, HonestRepository, indexEntry, SimulatedClock } from '@cargo-tuf/simulator';
import { describe, expect, it } from 'vitest';

const ENTRIES = new Map([['itoa', indexEntry('itoa', '1.0.0')]]);

async function open() {
  const clock = new SimulatedClock();
  const honest = await HonestRepository.create({ clock });
  await honest.publish({ entries: ENTRIES });
  const store = openMemoryStore();
  const client = openClient({
    root: honest.root,
    source: new Attacker(honest.files),
    store,
    clock: clock.now,
  });
  await client.sync();
  return { clock, honest, client };
}

/** Runs `before` at every write that clients can see: of the timestamp and of roots. */
function watched(bytes: PublishedBytes, before: (path: string) => Promise<void>): PublishedBytes {
  return {
    get: path => bytes.get(path),
    putIfAbsent: async (path, content) => {
      if (path.endsWith('.root.json')) await before(path);
      return bytes.putIfAbsent(path, content);
    },
    compareAndSwap: async (path, content, tag) => {
      await before(path);
      return bytes.compareAndSwap(path, content, tag);
    },
  };
}

async function assertServed(
  honest: HonestRepository,
  known: ReturnType<typeof openClient>,
  when: string,
): Promise<void> {
  const fresh = openClient({
    root: honest.root,
    source: new Attacker(honest.files),
    store: openMemoryStore(),
    clock: honest.clock.now,
  });
  for (const client of [known, fresh]) {
    const entry = (await (await client.sync()).entries(['itoa'])).get('itoa');
    expect(entry?.bytes, when).toEqual(ENTRIES.get('itoa'));
  }
}

type Change = (honest: HonestRepository, bytes: PublishedBytes) => Promise<unknown>;

const rotation =
  (role: RoleName): Change =>
  (honest, bytes) => {
    const next = generateKeyPair('ed25519').signer;
    honest.signers.set(role, [...(honest.signers.get(role) ?? []), next]);
    return rotate({ ...honest.context, bytes }, { role, publicKeys: [next.publicKey] });
  };

const CHANGES: readonly (readonly [string, Change])[] = [
  ...(['root', 'targets', 'snapshot', 'timestamp', 'crates', 'claims'] as const).map(
    role => [`rotation of ${role}`, rotation(role)] as const,
  ),
  ['renewal of root', (honest, bytes) => renewRoot({ ...honest.context, bytes })],
  ['raised epoch', (honest, bytes) => raiseEpoch({ ...honest.context, bytes })],
];

describe.each(CHANGES)('a %s', (_name, change) => {
  it('is served at every moment', async () => {
    const { honest, client } = await open();
    const seen: string[] = [];
    const bytes = watched(honest.context.bytes, async path => {
      seen.push(path);
      await assertServed(honest, client, `before ${path}`);
    });
    await change(honest, bytes);
    expect(seen).toContain('metadata/timestamp.json');
    await assertServed(honest, client, 'at the end');
  });

  it('that stops before any of these writes is served, and the next publish goes on', async () => {
    for (let stop = 1; ; stop++) {
      const { clock, honest, client } = await open();
      let writes = 0;
      const bytes = watched(honest.context.bytes, async () => {
        writes += 1;
        if (writes === stop) throw new Error('stopped');
      });
      const ended = await change(honest, bytes).then(
        () => true,
        () => false,
      );
      await assertServed(honest, client, `stopped before write ${stop}`);
      clock.advance(1000);
      await honest.renew();
      await assertServed(honest, client, `published after write ${stop}`);
      if (ended) break;
    }
  });
});

describe('a rotation', () => {
  it('whose old keys are lost is served at its end', async () => {
    const { honest, client } = await open();
    const next = generateKeyPair('ed25519').signer;
    honest.signers.set('timestamp', [next]);
    await rotate(honest.context, { role: 'timestamp', publicKeys: [next.publicKey] });
    await assertServed(honest, client, 'at the end');
  });

  it.each(['targets', 'snapshot', 'timestamp'] as const)(
    'of %s whose old keys are lost, and which stops between its two writes, is repaired by the next publish',
    async role => {
      const { clock, honest, client } = await open();
      const next = generateKeyPair('ed25519').signer;
      honest.signers.set(role, [next]);
      const bytes = watched(honest.context.bytes, async path => {
        if (path.includes('timestamp')) throw new Error('stopped');
      });
      const rotated = rotate({ ...honest.context, bytes }, { role, publicKeys: [next.publicKey] });
      await expect(rotated).rejects.toThrow('stopped');
      await expect(client.sync()).rejects.toMatchObject({ code: 'METADATA_THRESHOLD' });
      clock.advance(1000);
      await honest.renew();
      await assertServed(honest, client, 'after the next publish');
    },
  );

  it('after root has expired is served at its end', async () => {
    const { clock, honest, client } = await open();
    clock.advance(366 * DAY);
    await rotation('timestamp')(honest, honest.context.bytes);
    await assertServed(honest, client, 'at the end');
  });

  it('that meets another publisher at the swap leaves no root behind', async () => {
    const { clock, honest, client } = await open();
    const own = honest.signers.get('timestamp') ?? [];
    const bytes = watched(honest.context.bytes, async path => {
      if (!path.includes('timestamp')) return;
      clock.advance(1000);
      await honest.renew();
    });
    await expect(rotation('timestamp')(honest, bytes)).rejects.toMatchObject({ code: 'REPOSITORY_CONFLICT' });
    expect(honest.files.has('metadata/2.root.json')).toBe(false);
    honest.signers.set('timestamp', [...own]);
    await assertServed(honest, client, 'after the conflict');
  });

  it('of claims and the epoch takes back a claims version that was run up', async () => {
    const { honest, client } = await open();
    await honest.raiseEpoch();
    expect((await client.sync()).versions).toMatchObject({ claims: 2 ** 40 + 1, tree: 2 ** 40 + 1 });
  });
});
