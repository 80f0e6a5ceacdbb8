// What a developer sees when a mirror lies: the unmodified cargo exits with 101, prints our sentence with what was expected
// and what was seen, asks no URL twice; the trusted versions do not fall, and the next honest build succeeds.

import { encodeHex, generateKeyPair } from '@cargo-tuf/keys';
import { openSecret, readProxyStatus } from '@cargo-tuf/local-proxy';
import { DEFAULT_POLICY } from '@cargo-tuf/repository';
import { Attacker, forge, HonestRepository, signedPart, SimulatedClock } from '@cargo-tuf/simulator';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeProject } from '../../../../tools/fixtures/debian-project.ts';
import { type Mirror, type MirrorAnswer, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import {
  archivesOf,
  entriesOf,
  SMALL_CRATES,
  smallCrate,
} from '../../../../tools/fixtures/small-registry.ts';
import { replaceRole } from '../../../../packages/simulator/test/thief.ts';
import { Developer } from './developer.ts';
import { hasCargo, NO_CARGO } from './tools.ts';

const SECOND = 1000;
/** The registry signs for four seconds ahead where a test waits for expiry. */
const SHORT = { ...DEFAULT_POLICY, timestamp: { threshold: 1, period: 4 * SECOND } };

let honest: HonestRepository;
let attacker: Attacker;
let mirror: Mirror;
let developer: Developer;
let bend: ((path: string) => MirrorAnswer | undefined) | undefined;

async function open(policy = DEFAULT_POLICY): Promise<void> {
  honest = await HonestRepository.create({ clock: new SimulatedClock(Date.now()), policy });
  await honest.publish({ entries: await entriesOf(SMALL_CRATES) });
  for (const [path, bytes] of archivesOf(SMALL_CRATES)) honest.files.set(path, bytes);
  attacker = new Attacker(honest.files);
  mirror = await startMirror(path => bend?.(path) ?? attacker.fetch(path, { maxLength: 1e9 }));
  developer = await Developer.create();
  await developer.trust(honest.root, [mirror.url]);
  await writeProject(developer.project, { greeting: '"1"', farewell: '"0.1"' });
  await enable();
}

/** Starts the proxy, and lets it get nothing when it syncs ahead: what cargo asks for is then the first that it sees. */
async function enable(): Promise<void> {
  bend = () => ({ status: 403 });
  const enabled = await developer.tuf(['enable']);
  expect(enabled.stderr).toContain('the proxy was started');
  const log = () => readFile(`${developer.cargoHome}/tuf/proxy.log`, 'utf8');
  await expect.poll(log).toContain('status 403');
  bend = undefined;
}

/** A next version of an entry, so that there is something to lie about that no cache knows. */
async function publishMore(): Promise<void> {
  const more = [
    ...SMALL_CRATES,
    smallCrate('greeting', '1.2.0', 'pub fn greet() -> String { wording::hello().into() }\n', {
      wording: '0.3',
    }),
  ];
  for (const [path, bytes] of archivesOf(more)) honest.files.set(path, bytes);
  honest.clock.advance(Date.now() - honest.clock.now());
  await honest.publish({ entries: await entriesOf(more) });
}

async function trusted(): Promise<Map<string, number>> {
  const state = `${developer.cargoHome}/tuf/crates/crates-io/${encodeHex(new Uint8Array(32).fill(1))}`;
  const manifest = JSON.parse(
    await readFile(`${state}/state.json`, 'utf8').catch(() => '{"documents":{}}'),
  ) as {
    documents: Record<string, { sha256: string }>;
  };
  const versions = new Map<string, number>();
  for (const [name, { sha256 }] of Object.entries(manifest.documents)) {
    if (name === 'floors') continue;
    versions.set(name, Number(signedPart(await readFile(`${state}/documents/${sha256}`)).get('version')));
  }
  return versions;
}

interface Expectation {
  /** The code in our sentence. */
  readonly code: string;
  /** What else the sentence says. */
  readonly says: RegExp;
}

/** Plain cargo through the enabled proxy: refused, explained, not repeated; afterwards everything works again. */
async function refused({ code, says }: Expectation): Promise<void> {
  const before = await trusted();
  mirror.requests.length = 0;
  const ended = await developer.cargo(['build']);
  const asked = await refusedPaths();
  expect(asked.length).toBeGreaterThan(0);
  expect(new Set(asked).size, asked.join()).toBe(asked.length);
  expect(ended.stderr).toContain(`[${code}]`);
  expect(ended.stderr.replaceAll(/\s+/g, ' ')).toMatch(says);
  expect(ended.code).toBe(101);
  expect(ended.stderr).not.toContain('spurious network error');
  for (const [name, version] of before)
    expect((await trusted()).get(name), name).toBeGreaterThanOrEqual(version);
  await recover();
}

/** The paths that the proxy refused, as often as cargo asked for them. */
async function refusedPaths(): Promise<readonly string[]> {
  const secret = await openSecret(`${developer.cargoHome}/tuf/proxy-secret`);
  const { refused } = await readProxyStatus(developer.port, secret);
  return refused.map(line => line.slice(0, line.indexOf(':')));
}

async function recover(): Promise<void> {
  bend = undefined;
  attacker.relent(honest.files);
  honest.clock.advance(Date.now() - honest.clock.now());
  await honest.rotate('timestamp');
  await honest.rotate('snapshot');
  const status = await developer.tuf(['disable']);
  expect(status.code).toBe(0);
  const ended = await developer.tuf(['build']);
  expect(ended.stderr).toContain('Finished');
  expect(ended.code).toBe(0);
}

describe('the unmodified cargo behind a lying mirror', () => {
  beforeEach(async ctx => {
    ctx.skip(!hasCargo, NO_CARGO);
    await open();
  });
  afterEach(async () => {
    bend = undefined;
    await developer?.tuf(['disable']);
    await mirror?.close();
    await developer?.remove();
  });

  const entry = /^targets\/gr\/ee\//;
  const changed = (path: RegExp, change: (bytes: Uint8Array) => Uint8Array | null) => {
    attacker.bendPath(path, bytes => (bytes === null ? null : change(bytes)));
  };
  const replaceText = (from: string, to: string) => (bytes: Uint8Array) =>
    new TextEncoder().encode(new TextDecoder().decode(bytes).replace(from, to));

  it('a flipped byte in an index entry', async () => {
    changed(entry, replaceText('1.0.0', '1.0.1'));
    await refused({
      code: 'METADATA_HASH',
      says: /gr\/ee\/greeting: .*sha256 [0-9a-f]{64}.*expected [0-9a-f]{64}/,
    });
  });

  it('a dropped version line', async () => {
    changed(entry, bytes => bytes.subarray(0, bytes.indexOf(10) + 1));
    await refused({ code: 'METADATA_LENGTH', says: /gr\/ee\/greeting: .*[0-9]+.*expected [0-9]+/ });
  });

  it('two entries swapped', async () => {
    const other = [...honest.files].find(([path]) => path.startsWith('targets/fa'))?.[1] as Uint8Array;
    changed(entry, () => other);
    await refused({ code: 'METADATA_LENGTH', says: /gr\/ee\/greeting: / });
  });

  it('an entry for another crate, of the same length', async () => {
    changed(entry, replaceText('"name":"greeting"', '"name":"greetinh"'));
    await refused({ code: 'METADATA_HASH', says: /gr\/ee\/greeting: / });
  });

  it('an older snapshot', async () => {
    const old = honest.copy();
    await publishMore();
    expect((await developer.tuf(['sync'], developer.folder)).code).toBe(0);
    attacker.serve(old);
    await refused({ code: 'CLIENT_ROLLBACK', says: /timestamp: version 2, expected 3 or higher/ });
  });

  it('a tampered archive', async () => {
    changed(/^crates\/greeting\/greeting-1\.1\.0/, bytes =>
      bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte)),
    );
    await refused({
      code: 'LIB_CRATE_HASH',
      says: /greeting 1\.1\.0: sha256 [0-9a-f]{64} from .*expected [0-9a-f]{64}/,
    });
  });

  it('an existing crate answered 404', async () => {
    changed(entry, () => null);
    await refused({
      code: 'CLIENT_MISSING',
      says: /the mirror says that it does not exist, expected it: the signed index lists gr\/ee\/greeting/,
    });
  });

  it('an existing crate left out of the map', async () => {
    changed(/\.tile$/, () => null);
    await refused({ code: 'CLIENT_MISSING', says: /the crates map refers to it on the way to/ });
  });

  it('a proof cut for another leaf', async () => {
    const other = await HonestRepository.create({ clock: honest.clock, seed: 1 });
    await other.publish({ entries: await entriesOf([smallCrate('strange', '1.0.0', '')]) });
    const tile = [...other.files].find(([path]) => path.endsWith('.tile'))?.[1] as Uint8Array;
    changed(/\.tile$/, () => tile);
    await refused({ code: 'MERKLE_TILE_HASH', says: /expected [0-9a-f]{64}/ });
  });

  it('an endless body', async () => {
    bend = path => (path === 'metadata/timestamp.json' ? { endless: true } : undefined);
    await refused({ code: 'HTTP_TOO_LONG', says: /16,?384/ });
  });

  it.each([
    ['root', 'metadata/2.root.json'],
    ['timestamp', 'metadata/timestamp.json'],
  ] as const)('an unsigned %s', async (role, path) => {
    const last = role === 'root' ? 'metadata/1.root.json' : path;
    const unsigned = await forge(
      honest.files.get(last) as Uint8Array,
      { version: role === 'root' ? 2 : 9 },
      [],
    );
    bend = asked => (asked === path ? unsigned : undefined);
    await refused({ code: 'METADATA_THRESHOLD', says: /0 of 1|0.*expected 1|threshold/ });
  });

  it.each(['snapshot', 'targets', 'claims', 'crates'] as const)('%s signed by a stranger', async role => {
    attacker.serve(await replaceRole(honest, role, [generateKeyPair('ed25519').signer]));
    await refused({ code: 'METADATA_THRESHOLD', says: new RegExp(role) });
  });

  it('a crate that the mirror invents is answered as absent', async () => {
    await writeProject(developer.project, { greeting: '"1"', invented: '"1"' });
    attacker.bendPath(/in\/ve\/|invented/, () =>
      new TextEncoder().encode('{"name":"invented","vers":"1.0.0"}'),
    );
    const ended = await developer.cargo(['build']);
    expect(ended.stderr).toContain('no matching package named `invented` found');
    expect(ended.code).toBe(101);
  });

  it('a build in an honest world goes through, and nothing is asked twice', async () => {
    mirror.requests.length = 0;
    const ended = await developer.cargo(['build']);
    expect(ended.code).toBe(0);
    expect(new Set(mirror.requests).size).toBe(mirror.requests.length);
  });
});

describe('the unmodified cargo, where two of three keys must sign', () => {
  beforeEach(async ctx => {
    ctx.skip(!hasCargo, NO_CARGO);
    const two = (role: keyof typeof DEFAULT_POLICY) => ({ ...DEFAULT_POLICY[role], threshold: 2 });
    await open({
      root: two('root'),
      targets: two('targets'),
      claims: two('claims'),
      crates: two('crates'),
      snapshot: two('snapshot'),
      timestamp: two('timestamp'),
    });
  });
  afterEach(async () => {
    bend = undefined;
    await developer?.tuf(['disable']);
    await mirror?.close();
    await developer?.remove();
  });

  it('a root with one signature', async () => {
    const [one] = honest.signers.get('root') ?? [];
    const root = await forge(
      honest.files.get('metadata/1.root.json') as Uint8Array,
      { version: 2 },
      one ? [one] : [],
    );
    bend = path => (path === 'metadata/2.root.json' ? root : undefined);
    await refused({ code: 'METADATA_THRESHOLD', says: /root 2 .*1 .*2/ });
  });

  it.each(['timestamp', 'snapshot', 'targets', 'claims', 'crates'] as const)(
    '%s with one signature',
    async role => {
      const [one] = honest.signers.get(role) ?? [];
      attacker.serve(await replaceRole(honest, role, one ? [one] : []));
      await refused({ code: 'METADATA_THRESHOLD', says: new RegExp(`${role}.*1 .*2`) });
    },
  );
});

describe('the unmodified cargo behind a mirror that is out of date or slow', () => {
  beforeEach(ctx => ctx.skip(!hasCargo, NO_CARGO));
  afterEach(async () => {
    bend = undefined;
    await developer?.tuf(['disable']);
    await mirror?.close();
    await developer?.remove();
  });

  it('an expired timestamp', async () => {
    await open(SHORT);
    await new Promise(resolve => setTimeout(resolve, 5 * SECOND));
    await refused({
      code: 'CLIENT_EXPIRED',
      says: /timestamp: version 2 expired .* ago \(20[0-9-]+T[0-9:]+Z\)/,
    });
  });

  it('a mirror frozen past expiry, after a build that went well', async () => {
    await open(SHORT);
    expect((await developer.cargo(['generate-lockfile'])).code).toBe(0);
    const frozen = honest.copy();
    await publishMore();
    attacker.serve(frozen);
    await new Promise(resolve => setTimeout(resolve, 16 * SECOND));
    const ended = await developer.cargo(['update']);
    expect(ended.stderr).toContain('[CLIENT_EXPIRED]');
    expect(ended.code).toBe(101);
    await recover();
  });

  it('a body at one byte a second', async () => {
    await open();
    const bytes = honest.files.get('metadata/timestamp.json') as Uint8Array;
    bend = path => (path === 'metadata/timestamp.json' ? { bytesEverySecond: bytes } : undefined);
    const ended = await developer.cargo(['build']);
    expect(ended.stderr).toMatch(/\[HTTP_SLOW\]/);
    expect(ended.stderr).not.toContain('spurious network error');
    expect(ended.code).toBe(101);
    await recover();
  });
});
