// Every bit of every signed file of a repository, and every truncation, between publisher and client: refused, or equal in
// meaning. Once by the transition that takes the file, and, where a parent's hash refuses it before, by the signatures alone.

import {
  acceptDelegated,
  acceptRoot,
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
  openClient,
  openMemoryStore,
  type TrustedMetadata,
  trustRoot,
} from '@cargo-tuf/client';
import { encodeHex } from '@cargo-tuf/keys';
import { parseEnvelope, type RoleKeys, verifyRole } from '@cargo-tuf/metadata';
import { Attacker, HonestRepository, indexEntry, SimulatedClock } from '@cargo-tuf/simulator';
import { beforeAll, describe, expect, it } from 'vitest';

let clock: SimulatedClock;
let honest: HonestRepository;
const file = (name: string) => honest.files.get(`metadata/${name}.json`) as Uint8Array;

beforeAll(async () => {
  clock = new SimulatedClock();
  honest = await HonestRepository.create({ clock });
  await honest.publish({ entries: new Map([['itoa', indexEntry('itoa', '1.0.0')]]) });
  await honest.renewRoot();
});

type Accept = (bytes: Uint8Array) => Uint8Array | undefined;

/** For each file the transition that takes it, after those before it; gives the bytes that became trusted. */
function transitions(): Record<string, Accept> {
  const time = clock.now();
  const anchor = trustRoot(file('1.root'));
  const root = acceptRoot(anchor, file('2.root'));
  const timestamp = acceptTimestamp(root, file('timestamp'), time);
  const snapshot = acceptSnapshot(timestamp, file('3.snapshot'), time);
  const targets = acceptTargets(snapshot, file('1.targets'), time);
  const delegated = (name: string) => (trusted: TrustedMetadata) => trusted.delegated.get(name)?.bytes;
  return {
    '1.root': bytes => trustRoot(bytes).root.bytes,
    '2.root': bytes => acceptRoot(anchor, bytes).root.bytes,
    timestamp: bytes => acceptTimestamp(root, bytes, time).timestamp?.bytes,
    '3.snapshot': bytes => acceptSnapshot(timestamp, bytes, time).snapshot?.bytes,
    '1.targets': bytes => acceptTargets(snapshot, bytes, time).targets?.bytes,
    '1.claims': bytes => delegated('claims')(acceptDelegated(targets, 'claims', bytes, time)),
    '3.crates': bytes => delegated('crates')(acceptDelegated(targets, 'crates', bytes, time)),
  };
}

/** The files that a hash in their parent protects, by their signatures alone. */
function signatures(): Record<string, Accept> {
  const root = trustRoot(file('1.root')).root.value;
  const time = clock.now();
  const trusted = acceptTimestamp(
    acceptRoot(trustRoot(file('1.root')), file('2.root')),
    file('timestamp'),
    time,
  );
  const targets = acceptTargets(
    acceptSnapshot(trusted, file('3.snapshot'), time),
    file('1.targets'),
    time,
  ).targets;
  const delegations = targets?.value.delegations;
  const of =
    (role: 'snapshot' | 'targets'): Accept =>
    bytes =>
      verifyRole(parseEnvelope(bytes), role, root.keys, root.roles.get(role) as RoleKeys, role).bytes;
  const crates: Accept = bytes => {
    const role = delegations?.roles.find(each => each.name === 'crates');
    return verifyRole(
      parseEnvelope(bytes),
      'targets',
      delegations?.keys ?? new Map(),
      role as RoleKeys,
      'crates',
    ).bytes;
  };
  return { '3.snapshot': of('snapshot'), '1.targets': of('targets'), '3.crates': crates };
}

/** "refused", "equal", or what else happened. */
function outcome(accept: Accept, bytes: Uint8Array, golden: string): string {
  try {
    const trusted = accept(bytes);
    const payload = trusted && encodeHex(parseEnvelope(trusted).payload);
    return payload === golden ? 'equal' : 'ANOTHER MEANING';
  } catch (error) {
    const { code, kind } = error as { code?: string; kind?: string };
    const isRefusal = kind === 'security' || kind === 'malformed' || kind === 'unsupported';
    return isRefusal || code === 'CLIENT_ANCHOR' ? 'refused' : String(error);
  }
}

function damageEveryBit(accept: Accept, bytes: Uint8Array): Record<string, number> {
  const golden = encodeHex(parseEnvelope(bytes).payload);
  const outcomes: Record<string, number> = {};
  const changed = bytes.slice();
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      changed[at] = (bytes[at] as number) ^ (1 << bit);
      const seen = outcome(accept, changed.slice(), golden);
      outcomes[seen] = (outcomes[seen] ?? 0) + 1;
    }
    changed[at] = bytes[at] as number;
  }
  return outcomes;
}

const FILES = ['1.root', '2.root', 'timestamp', '3.snapshot', '1.targets', '1.claims', '3.crates'] as const;

describe.each(FILES)('%s.json', name => {
  it('with any bit flipped is refused, or equal in meaning', () => {
    const bytes = file(name);
    const { refused = 0, equal = 0, ...others } = damageEveryBit(transitions()[name] as Accept, bytes);
    expect(others).toEqual({});
    expect(refused + equal).toBe(bytes.length * 8);
    expect(refused).toBeGreaterThan(bytes.length * 7);
  });

  it('cut off anywhere is refused, and so is a byte more', () => {
    const bytes = file(name);
    const accept = transitions()[name] as Accept;
    const golden = encodeHex(parseEnvelope(bytes).payload);
    for (let length = 0; length < bytes.length; length++)
      expect(outcome(accept, bytes.slice(0, length), golden), `${length} bytes`).toBe('refused');
    for (const more of [0, 34, 123, 125])
      expect(outcome(accept, Uint8Array.from([...bytes, more]), golden)).toBe('refused');
  });
});

describe.each(['3.snapshot', '1.targets', '3.crates'])('the signatures of %s.json alone', name => {
  it('refuse any bit flipped, unless it is equal in meaning', () => {
    const bytes = file(name);
    const { refused = 0, equal = 0, ...others } = damageEveryBit(signatures()[name] as Accept, bytes);
    expect(others).toEqual({});
    expect(refused + equal).toBe(bytes.length * 8);
  });
});

describe('a client', () => {
  it('is well after the next honest sync', async () => {
    const store = openMemoryStore();
    const mirror = new Attacker(honest.files);
    const client = openClient({ root: honest.root, source: mirror, store, clock: clock.now });
    for (const name of FILES.slice(1)) {
      const path = `metadata/${name}.json`;
      for (let at = 3; at < file(name).length; at += 41) {
        const changed = file(name).slice();
        changed[at] = (changed[at] as number) ^ 1;
        mirror.serve(new Map(honest.files).set(path, changed));
        await client.sync().catch(() => undefined);
      }
      mirror.serve(honest.files);
      expect((await (await client.sync()).entries(['itoa'])).get('itoa')?.leaf.version).toBe(2);
    }
  });
});
