// Succinct hash bins (TAP 15): the snapshot lists 2^b bins with their versions, and a bin lists the entries of all crates whose keys begin
// with its b bits. A bin is written and signed when it is asked for; its clients are ours.

import { gzipSync } from 'node:zlib';
import { openClient, type Source } from '@cargo-tuf/client';
import { encodeHex } from '@cargo-tuf/keys';
import type { TargetFile } from '@cargo-tuf/metadata';
import type { KeyOrder } from '../population/key-order.ts';
import { keyPrefix } from '../population/key-order.ts';
import type { Ledger } from '../population/ledger.ts';
import { mixed } from '../population/random.ts';
import { Tally } from '../transport/tally.ts';
import { ForkableStore } from './forkable-store.ts';
import type { Layout, LayoutClient } from './layout.ts';
import { LONG_LISTS, metaFileOf, PlainRoles } from './plain-roles.ts';

const BIN_VERSION = 30;
const PREFIX = 'bin';

export async function openBins(ledger: Ledger, order: KeyOrder, bits: number, time: number): Promise<Layout> {
  const roles = new PlainRoles(time);
  const root = await roles.root();
  const bins = 2 ** bits;
  const digits = (bins - 1).toString(16).length;
  const versions = Uint32Array.from(
    { length: bins },
    (_, bin) => 1 + (mixed(ledger.seed, BIN_VERSION, bin) % 1_000),
  );
  const nameOf = (bin: number): string => `${PREFIX}-${bin.toString(16).padStart(digits, '0')}`;
  const succinctRoles = { ...roles.role, bitLength: bits, namePrefix: PREFIX };
  const targets = await roles.targets(1, new Map(), { keys: roles.keys, roles: [], succinctRoles });
  const files = new Map<string, Uint8Array>([['metadata/1.targets.json', targets]]);
  let version = 0;

  const writeBin = (bin: number): Promise<Uint8Array> => {
    const listed = Array.from(order.group(bits, bin), (crate): [string, TargetFile] => {
      const { length, sha256 } = ledger.entry(crate);
      return [ledger.path(crate), { length, hashes: new Map([['sha256', encodeHex(sha256)]]) }];
    });
    return roles.targets(versions[bin] as number, new Map(listed));
  };
  const writeSnapshot = async (): Promise<readonly [snapshot: Uint8Array, timestamp: Uint8Array]> => {
    version += 1;
    const members = Array.from(versions, (each, bin) => `"${nameOf(bin)}.json":{"version":${each}}`);
    const head = `{"_type":"snapshot","expires":"${roles.expires()}","meta":{`;
    const text = `${head}${members.join(',')},"targets.json":{"version":1}},"spec_version":"1.0.34","version":${version}}`;
    const snapshot = await roles.signCanonical(Buffer.from(text, 'latin1'));
    const timestamp = await roles.timestamp(version, metaFileOf(version, snapshot));
    files.set(`metadata/${version}.snapshot.json`, snapshot);
    files.set('metadata/timestamp.json', timestamp);
    return [snapshot, timestamp];
  };
  await writeSnapshot();

  return {
    ledger,
    parameters: `2^${bits} bins`,
    gzip: true,
    serve: async path => {
      const bytes = files.get(path);
      if (bytes !== undefined) return { bytes, gzipped: gzipSync(bytes) };
      const [, wanted, digits] = /^metadata\/(\d+)\.bin-([0-9a-f]+)\.json$/.exec(path) ?? [];
      const bin = Number.parseInt(digits ?? '', 16);
      return versions[bin] === Number(wanted) ? { bytes: await writeBin(bin) } : null;
    },
    publish: async crates => {
      const written = new Tally();
      ledger.publish(crates);
      files.delete(`metadata/${version}.snapshot.json`);
      const changed = new Set(crates.map(crate => keyPrefix(ledger.path(crate)) >>> (32 - bits)));
      for (const bin of changed) {
        versions[bin]! += 1;
        written.add(`metadata/1.${nameOf(bin)}.json`, (await writeBin(bin)).length);
      }
      const [snapshot, timestamp] = await writeSnapshot();
      written.add(`metadata/${version}.snapshot.json`, snapshot.length);
      written.add('metadata/timestamp.json', timestamp.length);
      return written.take();
    },
    newClient: () => new BinClient(root, ledger, time, new ForkableStore()),
  };
}

class BinClient implements LayoutClient {
  readonly #root: Uint8Array;
  readonly #ledger: Ledger;
  readonly #time: number;
  readonly #store: ForkableStore;

  constructor(root: Uint8Array, ledger: Ledger, time: number, store: ForkableStore) {
    this.#root = root;
    this.#ledger = ledger;
    this.#time = time;
    this.#store = store;
  }

  fork(): LayoutClient {
    return new BinClient(this.#root, this.#ledger, this.#time, this.#store.fork());
  }

  async check(source: Source, crates: readonly number[]): Promise<readonly Uint8Array[]> {
    const client = openClient({
      root: this.#root,
      source,
      store: this.#store,
      clock: () => this.#time,
      eager: true,
      limits: { snapshot: 2 ** 31, targets: 2 ** 31 },
      metadataLimits: LONG_LISTS.limits,
      jsonLimits: LONG_LISTS.json,
    });
    const snapshot = await client.sync();
    return Promise.all(
      crates.map(async crate => {
        const found = await snapshot.findTarget(this.#ledger.path(crate));
        return Buffer.from(found?.file.hashes.get('sha256') ?? '', 'hex');
      }),
    );
  }
}
