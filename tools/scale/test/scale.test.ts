// The short form of what `npm run scale` does: every layout over HTTP, with a few thousand crates.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { openClient, openMemoryStore } from '@cargo-tuf/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLayout } from '../layouts/open.ts';
import { assertProved } from '../measure/check.ts';
import { measureLayout, type Plan } from '../measure/scenarios.ts';
import {
  type CheckMeasurement,
  LAYOUTS,
  type LayoutId,
  type Measurement,
  type PublishMeasurement,
} from '../measurements.ts';
import { parseOptions } from '../options.ts';
import { Book } from '../report/book.ts';
import { deviationsOf } from '../report/deviations.ts';
import { writeReport } from '../report/report.ts';
import { startCountingServer } from '../transport/counting-server.ts';
import { pathClass } from '../transport/path-class.ts';
import { snapshotLayer } from '../transport/tally.ts';

const [SIZE, SEED] = [6_000, 1] as const;
const PLAN: Plan = {
  dependencies: [
    [1, 4],
    [10, 3],
    [100, 2],
    [1_000, 1],
  ],
  publishes: [
    [10, 2],
    [100, 4],
    [1_000, 6],
  ],
  batches: [
    [1, 1],
    [5, 1],
    [100, 1],
    [500, 1],
    [1_000, 1],
  ],
  settle: 0,
  skews: ['popular'],
};

const rows: Measurement[] = [];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/scale-`);
  for (const id of LAYOUTS)
    rows.push(
      ...(await measureLayout(
        id,
        () => openLayout(id, SIZE, SEED),
        PLAN,
        () => undefined,
      )),
    );
}, 900_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function bookOf(modelled: readonly number[]): Book {
  return new Book({ machine: 'a test', seed: SEED, seconds: {}, rows }, modelled);
}

describe.each(LAYOUTS)('%s', id => {
  const checks = (): CheckMeasurement[] =>
    rows.filter(
      (row): row is CheckMeasurement =>
        row.layout === id && (row.scenario === 'cold' || row.scenario === 'warm'),
    );

  it('was measured in every check, and rounds and classes add up', () => {
    expect(checks().length).toBe(4 * 4);
    for (const { bytes, classes, perRound, requests, rounds } of checks()) {
      expect(perRound.reduce((sum, each) => sum + each, 0)).toBeCloseTo(requests);
      expect(snapshotLayer(classes).bytes).toBeCloseTo(bytes);
      expect(perRound.length).toBeGreaterThanOrEqual(rounds);
    }
  });

  it('writes more for more publishes', () => {
    const written = rows.filter(
      (row): row is PublishMeasurement => row.layout === id && row.scenario === 'publish',
    );
    const files = written.map(row => row.files);
    expect(files).toEqual([...files].sort((left, right) => left - right));
  });

  it('is what the model says, within a tenth', () => {
    const deviation = deviationsOf(bookOf([]), id, SIZE);
    expect(deviation?.cells).toBe(4 * 4);
    expect(Math.abs(deviation?.bytes.median ?? 1)).toBeLessThan(0.1);
    expect(Math.abs(deviation?.requests.median ?? 1)).toBeLessThan(0.1);
  });
});

describe('a measure', () => {
  it.each(['flat', 'flat-versions'] as const)('%s is a repository that our client reads', async id => {
    const layout = await openLayout(id, 300, SEED);
    const source = { fetch: async (path: string) => (await layout.serve(path))?.bytes ?? null };
    const root = await source.fetch('metadata/1.root.json');
    const client = openClient({
      root: root ?? new Uint8Array(),
      source,
      store: openMemoryStore(),
      clock: Date.now,
    });
    const snapshot = await client.sync().catch((error: unknown) => error as Error);
    // The role files of a snapshot of versions hang from a targets role that nobody asks for here.
    if (id === 'flat')
      expect(
        await (snapshot as Awaited<ReturnType<typeof client.sync>>).findTarget(layout.ledger.path(7)),
      ).toMatchObject({ role: 'targets' });
    else expect((snapshot as Error).message).toContain('metadata/1.targets.json');
  });

  it.each(LAYOUTS)('of %s refuses a mirror that serves other bytes', async (id: LayoutId) => {
    const layout = await openLayout(id, 2_000, SEED);
    const client = layout.newClient();
    const source = {
      fetch: async (path: string) => {
        const bytes = (await layout.serve(path))?.bytes.slice() ?? null;
        const last = ['proof', 'tile', 'tree', 'role'].includes(pathClass(path));
        if (bytes !== null && last) bytes[bytes.length >> 1]! ^= 1;
        return bytes;
      },
    };
    await expect(
      client.check(source, [3]).then(proved => assertProved(layout, [3], proved)),
    ).rejects.toThrow();
  });

  it('counts what was sent, with gzip to those who ask for it', async () => {
    const bytes = new Uint8Array(5_000).fill(65);
    const server = await startCountingServer(path =>
      path === 'metadata/7.snapshot.json' ? { bytes } : null,
    );
    try {
      await (
        await fetch(`${server.url}metadata/7.snapshot.json`, { headers: { 'accept-encoding': 'identity' } })
      ).arrayBuffer();
      expect(server.sent.take()).toEqual({ snapshot: { files: 1, bytes: 5_000 } });
      const answer = await fetch(`${server.url}metadata/7.snapshot.json`, {
        headers: { 'accept-encoding': 'gzip' },
      });
      expect((await answer.arrayBuffer()).byteLength).toBe(5_000);
      expect(server.sent.take()['snapshot']?.bytes).toBeLessThan(100);
      expect((await fetch(`${server.url}metadata/2.root.json`)).status).toBe(404);
      expect(server.sent.take()).toEqual({ root: { files: 1, bytes: 0 } });
    } finally {
      await server.close();
    }
  });
});

describe('the report', () => {
  it('has a number in every cell, for measured and for modelled registries', async () => {
    const out = `${folder}/report.md`;
    await writeReport(
      { machine: 'a test', seed: SEED, seconds: { [`${SIZE} tiles`]: 3 }, rows },
      [1_000_000],
      out,
    );
    const report = await readFile(out, 'utf8');
    expect(report).not.toMatch(/NaN|undefined|Infinity/);
    expect(report).toContain('### 1 M crates (model)');
    const plots = (await readdir(`${folder}/scale`)).filter(name => name.endsWith('.svg'));
    expect(plots.length).toBe(5);
    for (const name of plots) {
      expect(report).toContain(`scale/${name}`);
      expect(await readFile(`${folder}/scale/${name}`, 'utf8')).not.toMatch(/NaN|undefined|Infinity/);
    }
  });
});

describe('the command line', () => {
  it('reads lists, and one word or two', () => {
    expect(parseOptions(['--sizes', '100,2000', '--layouts=tiles,trie'])).toMatchObject({
      sizes: [100, 2_000],
      layouts: ['tiles', 'trie'],
    });
    expect(parseOptions(['--render'])?.sizes).toEqual([]);
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--sizes', '1e6'], 'whole number'],
    [['--sizes'], 'no value'],
    [['--layouts', 'best'], 'expected some of'],
    [['--fast', '1'], 'unknown'],
  ])('%j is refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
