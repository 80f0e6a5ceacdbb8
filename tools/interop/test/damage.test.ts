// Every bit of every signed file that tuf-js's mock makes, and every truncation, between publisher and our client: refused,
// or equal in meaning. `packages/simulator` does the same with a repository of ours.

import {
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
  openClient,
  openMemoryStore,
  trustRoot,
} from '@cargo-tuf/client';
import { encodeHex } from '@cargo-tuf/keys';
import { parseEnvelope } from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';
import { makeMockRepository } from '../mock-repository.ts';

const { files, root } = makeMockRepository([{ name: 'se/rd/serde', content: Buffer.from('entry') }]);
const file = (name: string) => files.get(`metadata/${name}.json`) as Uint8Array;
const NAMES = ['1.root', 'timestamp', 'snapshot', 'targets'] as const;
const time = Date.now();

type Accept = (bytes: Uint8Array) => Uint8Array | undefined;

/** Of each file the transition that takes it; gives the bytes that became trusted. */
const anchor = trustRoot(root);
const timestamp = acceptTimestamp(anchor, file('timestamp'), time);
const snapshot = acceptSnapshot(timestamp, file('snapshot'), time);
const TRANSITIONS: Readonly<Record<(typeof NAMES)[number], Accept>> = {
  '1.root': bytes => trustRoot(bytes).root.bytes,
  timestamp: bytes => acceptTimestamp(anchor, bytes, time).timestamp?.bytes,
  snapshot: bytes => acceptSnapshot(timestamp, bytes, time).snapshot?.bytes,
  targets: bytes => acceptTargets(snapshot, bytes, time).targets?.bytes,
};

function outcome(accept: Accept, bytes: Uint8Array, golden: string): string {
  try {
    const trusted = accept(bytes);
    return trusted && encodeHex(parseEnvelope(trusted).payload) === golden ? 'equal' : 'ANOTHER MEANING';
  } catch (error) {
    const { code, kind } = error as { code?: string; kind?: string };
    const isRefusal = kind === 'security' || kind === 'malformed' || kind === 'unsupported';
    return isRefusal || code === 'CLIENT_ANCHOR' ? 'refused' : String(error);
  }
}

describe.each(NAMES)('%s.json', name => {
  const accept = TRANSITIONS[name];
  const bytes = file(name);
  const golden = encodeHex(parseEnvelope(bytes).payload);

  it('with any bit flipped is refused', () => {
    const taken: string[] = [];
    const changed = bytes.slice();
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        changed[at] = (bytes[at] as number) ^ (1 << bit);
        const seen = outcome(accept, changed.slice(), golden);
        if (seen !== 'refused') taken.push(`byte ${at} bit ${bit}: ${seen}`);
      }
      changed[at] = bytes[at] as number;
    }
    // The mock writes no byte that means nothing: no white space, no member that is not read.
    expect(taken).toEqual([]);
  });

  it('cut off anywhere is refused, and so is a byte more', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(outcome(accept, bytes.slice(0, length), golden), `${length} bytes`).toBe('refused');
    for (const more of [0, 34, 123, 125])
      expect(outcome(accept, Uint8Array.from([...bytes, more]), golden)).toBe('refused');
  });
});

describe('a client of a repository', () => {
  it('refuses every file of which a byte was changed, and is well afterwards', async () => {
    const store = openMemoryStore();
    let served: ReadonlyMap<string, Uint8Array> = files;
    const source = { fetch: async (path: string) => served.get(path) ?? null };
    const client = openClient({ root, source, store, clock: () => time });
    for (const path of files.keys()) {
      if (path.endsWith('1.root.json')) continue;
      const whole = files.get(path) as Uint8Array;
      for (let at = 0; at < whole.length; at++) {
        const changed = whole.slice();
        changed[at] = (whole[at] as number) ^ 1;
        served = new Map(files).set(path, changed);
        const fresh = openClient({ root, source, store: openMemoryStore(), clock: () => time });
        const read = async () => (await fresh.sync()).fetchTarget('se/rd/serde');
        await expect(read(), `${path} byte ${at}`).rejects.toMatchObject({
          kind: expect.stringMatching(/^(?:security|malformed)$/),
        });
        await client.sync().catch(() => undefined);
      }
    }
    served = files;
    const bytes = await (await client.sync()).fetchTarget('se/rd/serde');
    expect(Buffer.from(bytes as Uint8Array).toString()).toBe('entry');
  });
});
