// The attack matrix: every set of stolen keys × every attack × every state of a client. What must come out of it is written
// in oracle.ts, from the specification and the design. What a thief does with the keys is in burglar.ts.

import { openClient, openMemoryStore, parseFloors, type Store } from '@cargo-tuf/client';
import {
  Attacker,
  DAY,
  HonestRepository,
  HOUR,
  indexEntry,
  signedPart,
  SimulatedClock,
} from '@cargo-tuf/simulator';
import { describe, expect, it } from 'vitest';
import { type Attempt, attempts } from './burglar.ts';
import {
  ATTACKS,
  type Attack,
  CLIENTS,
  type ClientState,
  needsEpoch,
  type Role,
  ROLES,
  succeeds,
} from './oracle.ts';

const CONFIGS = ['https://a.example/crates', 'https://b.example/crates'].map(dl =>
  new TextEncoder().encode(`{"dl":"${dl}"}`),
) as [Uint8Array, Uint8Array];
const OLD = indexEntry('itoa', '1.0.0');
const CURRENT = indexEntry('itoa', '1.0.0', '1.0.2');
const FORGED = indexEntry('itoa', '1.0.0', '6.6.6');

/** Every attack begins here: two states were published, the second one two days after the first. */
async function makeWorld(state: ClientState) {
  const clock = new SimulatedClock();
  const honest = await HonestRepository.create({ clock, config: CONFIGS[0] });
  await honest.publish({ entries: new Map([['itoa', OLD]]) });
  const old = honest.copy();
  clock.advance(2 * DAY);
  await honest.publish({ entries: new Map([['itoa', CURRENT]]), config: CONFIGS[1] });
  const store = openMemoryStore();
  const client = openClient({
    root: honest.root,
    source: new Attacker(honest.files),
    store,
    clock: clock.now,
  });
  if (state !== 'fresh') await (await client.sync()).entries(['itoa']);
  if (state === 'with expired state') clock.advance(2 * DAY);
  if (state === 'with expired state') await honest.renew();
  return { honest, old, documents: (await store.read()).documents, now: clock.now() };
}

const WORLDS = new Map(CLIENTS.map(state => [state, makeWorld(state)]));

async function openWorld(state: ClientState) {
  const { honest: model, old, documents, now } = await (WORLDS.get(state) as ReturnType<typeof makeWorld>);
  const clock = new SimulatedClock(now);
  const honest = model.fork(clock);
  const store = openMemoryStore();
  if (documents.size > 0) await store.replace(0, documents);
  const mirror = new Attacker(honest.files);
  const client = openClient({ root: honest.root, source: mirror, store, clock: clock.now });
  return { clock, honest, old, store, mirror, client };
}

type World = Awaited<ReturnType<typeof openWorld>>;

/** Versions that the store trusts: of files, and the floors. */
async function versionsOf(
  store: Store,
): Promise<{ files: Record<string, number>; floors: Record<string, number> }> {
  const { documents } = await store.read();
  const files: Record<string, number> = {};
  for (const [name, bytes] of documents)
    if (name !== 'floors' && name !== 'proved' && !name.startsWith('complete.'))
      files[name] = Number(signedPart(bytes).get('version'));
  const kept = documents.get('floors');
  if (kept === undefined) return { files, floors: {} };
  const { tree, claims, leaves } = parseFloors(kept);
  return { files, floors: { tree, claims, itoa: Number((leaves.get('itoa') ?? '0').split(':')[0]) } };
}

function assertNoFall(before: Record<string, number>, after: Record<string, number>, what: string): void {
  for (const [name, version] of Object.entries(before))
    expect(after[name], `${what}: ${name}`).toBeGreaterThanOrEqual(version);
}

/** True when the client came to hold what the attack wants. Every error must say that it is about security. */
async function run({ client }: World, attempt: Attempt, what: string): Promise<boolean> {
  try {
    const snapshot = await client.sync();
    const entry = (await snapshot.entries(['itoa'])).get('itoa');
    const config = await snapshot.fetchTarget('config.json');
    return attempt.reached({ snapshot, entry, config });
  } catch (error) {
    const { kind, code, message } = error as { kind?: string; code?: string; message: string };
    expect(['security', 'malformed'], `${what}: ${code}: ${message}`).toContain(kind);
    return false;
  }
}

async function recover({ honest, mirror, client }: World, stolen: ReadonlySet<Role>): Promise<void> {
  for (const role of stolen) await honest.rotate(role);
  if (needsEpoch(stolen)) await honest.raiseEpoch();
  mirror.relent(honest.files);
  const snapshot = await client.sync();
  expect((await snapshot.entries(['itoa'])).get('itoa')?.bytes).toEqual(CURRENT);
  expect(await snapshot.fetchTarget('config.json')).toEqual(CONFIGS[1]);
}

async function play(stolen: ReadonlySet<Role>, attack: Attack, state: ClientState): Promise<void> {
  const expected = succeeds(stolen, attack, state);
  let reached = false;
  // A thief has more than one way: what one way cannot sign it leaves honest, or signs with other keys.
  for (const way of attempts(attack)) {
    const world = await openWorld(state);
    const what = `${attack}, ${[...stolen].join('+') || 'nothing'} stolen, ${state}, ${way.name}`;
    if (attack === 'freeze') world.clock.advance(23 * HOUR);
    if (attack === 'freeze beyond expiry') world.clock.advance(25 * HOUR);
    const attempt = await way.prepare({
      ...world,
      stolen,
      forged: FORGED,
      current: CURRENT,
      configs: CONFIGS,
    });
    const before = await versionsOf(world.store);
    world.mirror.serve(attempt.files);
    const harmed = await run(world, attempt, what);
    reached = harmed || reached;
    const after = await versionsOf(world.store);
    assertNoFall(before.floors, after.floors, what);
    if (!stolen.has('root')) {
      assertNoFall(before.files, after.files, what);
      if (attack.startsWith('freeze')) await world.honest.renew();
      await recover(world, stolen);
    }
    if (harmed) break;
  }
  expect(reached, `${attack} with ${[...stolen].join('+') || 'nothing'} against a client ${state}`).toBe(
    expected,
  );
}

/** Every subset, the smallest first. */
const SUBSETS: readonly ReadonlySet<Role>[] = Array.from(
  { length: 2 ** ROLES.length },
  (_, bits) => new Set(ROLES.filter((_role, index) => (bits >> index) & 1)),
).sort((a, b) => a.size - b.size);

describe.each(ATTACKS)('%s', attack => {
  describe.each(CLIENTS)('against a client %s', state => {
    it.each(SUBSETS.map(stolen => [[...stolen].join('+') || 'nothing', stolen] as const))(
      'with %s stolen',
      (_name, stolen) => play(stolen, attack, state),
    );
  });
});

describe('the matrix', () => {
  it('has every cell, and both outcomes in every attack', () => {
    const cells = ATTACKS.flatMap(attack =>
      CLIENTS.flatMap(state => SUBSETS.map(stolen => [attack, succeeds(stolen, attack, state)] as const)),
    );
    expect(cells).toHaveLength(ATTACKS.length * CLIENTS.length * 64);
    for (const attack of ATTACKS) {
      const outcomes = new Set(cells.filter(([of]) => of === attack).map(([, outcome]) => outcome));
      expect(outcomes, attack).toEqual(new Set(attack === 'freeze' ? [true] : [true, false]));
    }
  });
});
