// Everything in one file. `entries`: the top-level targets role lists every index entry with length and hash. `versions`: snapshot.json
// lists one role a crate with its version alone, and each role's file says what the entry is.

import { gzipSync } from 'node:zlib';
import type { Source } from '@cargo-tuf/client';
import { encodeHex } from '@cargo-tuf/keys';
import { verifyContent } from '@cargo-tuf/metadata';
import type { Ledger } from '../population/ledger.ts';
import type { Served } from '../transport/counting-server.ts';
import { type Count, Tally } from '../transport/tally.ts';
import { crateRole, KnownCrateRoles } from './crate-roles.ts';
import type { Layout, LayoutClient } from './layout.ts';
import { type ListShape, LongList } from './long-list.ts';
import { fetchFile, fetchSnapshot, readSnapshot, readTimestamp } from './plain-reader.ts';
import { metaFileOf, PlainRoles } from './plain-roles.ts';

export type FlatKind = 'entries' | 'versions';

export async function openFlat(ledger: Ledger, kind: FlatKind, time: number): Promise<Layout> {
  const roles = new PlainRoles(time);
  const list = new LongList(
    ledger,
    kind === 'entries' ? targetsShape(roles, ledger) : snapshotShape(roles, ledger),
  );
  let version = 1;
  const small = new Map<string, Uint8Array>([['metadata/1.root.json', await roles.root()]]);
  let long: Promise<{ readonly path: string; readonly file: Served }> | undefined;

  const writeLong = async (): Promise<{ readonly path: string; readonly file: Served }> => {
    const bytes = await roles.signCanonical(list.write(version));
    const name = kind === 'entries' ? 'targets' : 'snapshot';
    const file = metaFileOf(version, bytes);
    if (kind === 'entries') {
      const snapshot = await roles.snapshot(version, new Map([['targets.json', file]]));
      small.set(`metadata/${version}.snapshot.json`, snapshot);
      small.set('metadata/timestamp.json', await roles.timestamp(version, metaFileOf(version, snapshot)));
    } else small.set('metadata/timestamp.json', await roles.timestamp(version, file));
    return { path: `metadata/${version}.${name}.json`, file: { bytes, gzipped: gzipSync(bytes) } };
  };

  return {
    ledger,
    parameters: '',
    gzip: true,
    serve: async path => {
      const written = await (long ??= writeLong());
      if (path === written.path) return written.file;
      const bytes = small.get(path);
      if (bytes !== undefined) return { bytes };
      const [, revision, name = ''] = /^metadata\/(\d+)\.(.+)\.json$/.exec(path) ?? [];
      const crate = kind === 'versions' ? ledger.find(name) : undefined;
      if (crate === undefined || ledger.entry(crate).revision !== Number(revision)) return null;
      return { bytes: await crateRole(roles, ledger, crate) };
    },
    publish: async crates => {
      version += 1;
      list.publish(crates);
      long = undefined;
      return writtenBy(roles, list, version, kind, crates, ledger);
    },
    newClient: () => new FlatClient(roles, ledger, kind),
  };
}

/** The size of what a publisher writes; a file of this length is made when somebody asks for it. */
async function writtenBy(
  roles: PlainRoles,
  list: LongList,
  version: number,
  kind: FlatKind,
  crates: readonly number[],
  ledger: Ledger,
): Promise<Readonly<Record<string, Count>>> {
  const written = new Tally();
  const envelope = (await roles.signCanonical(new Uint8Array())).length;
  const long = kind === 'entries' ? 'targets' : 'snapshot';
  written.add(`metadata/${version}.${long}.json`, envelope + list.length(version));
  const file = metaFileOf(version, new Uint8Array(32));
  if (kind === 'entries') {
    const snapshot = await roles.snapshot(version, new Map([['targets.json', file]]));
    written.add(`metadata/${version}.snapshot.json`, snapshot.length);
  } else {
    for (const crate of crates)
      written.add(`metadata/1.${ledger.name(crate)}.json`, (await crateRole(roles, ledger, crate)).length);
  }
  written.add('metadata/timestamp.json', (await roles.timestamp(version, file)).length);
  return written.take();
}

function targetsShape(roles: PlainRoles, ledger: Ledger): ListShape {
  return {
    head: `{"_type":"targets","expires":"${roles.expires()}","spec_version":"1.0.34","targets":{`,
    tail: version => `},"version":${version}}`,
    nameOf: crate => ledger.path(crate),
    valueOf: crate => {
      const { length, sha256 } = ledger.entry(crate);
      return `{"hashes":{"sha256":"${encodeHex(sha256)}"},"length":${length}}`;
    },
  };
}

function snapshotShape(roles: PlainRoles, ledger: Ledger): ListShape {
  return {
    head: `{"_type":"snapshot","expires":"${roles.expires()}","meta":{`,
    tail: version => `},"spec_version":"1.0.34","version":${version}}`,
    nameOf: crate => `${ledger.name(crate)}.json`,
    valueOf: crate => `{"version":${ledger.entry(crate).revision}}`,
    extra: { name: 'targets.json', value: '{"version":1}' },
  };
}

class FlatClient implements LayoutClient {
  readonly #roles: PlainRoles;
  readonly #ledger: Ledger;
  readonly #kind: FlatKind;
  readonly #known: KnownCrateRoles;

  constructor(roles: PlainRoles, ledger: Ledger, kind: FlatKind, known = new KnownCrateRoles(roles, ledger)) {
    this.#roles = roles;
    this.#ledger = ledger;
    this.#kind = kind;
    this.#known = known;
  }

  fork(): LayoutClient {
    return new FlatClient(this.#roles, this.#ledger, this.#kind, this.#known.fork());
  }

  async check(source: Source, crates: readonly number[]): Promise<readonly Uint8Array[]> {
    const timestamp = await readTimestamp(source, this.#roles);
    if (this.#kind === 'entries') {
      const snapshot = await readSnapshot(source, this.#roles, timestamp);
      const file = snapshot.meta.get('targets.json');
      const path = `metadata/${file?.version}.targets.json`;
      const list = await fetchFile(source, path);
      verifyContent(list, file ?? {}, path);
      const found = scan(list, crates, crate => `"${this.#ledger.path(crate)}":{"hashes":{"sha256":"`);
      return crates.map(crate => Buffer.from(found.get(crate) ?? '', 'hex'));
    }
    const list = await fetchSnapshot(source, timestamp);
    const versions = scan(list, crates, crate => `"${this.#ledger.name(crate)}.json":{"version":`);
    return Promise.all(crates.map(crate => this.#known.entry(source, crate, Number(versions.get(crate)))));
  }
}

/** What stands behind the text of each crate, up to a quote or a brace. A list is hundreds of megabytes: it is gone through once. */
function scan(
  list: Uint8Array,
  crates: readonly number[],
  textOf: (crate: number) => string,
): ReadonlyMap<number, string> {
  const bytes = Buffer.from(list.buffer, list.byteOffset, list.length);
  const found = new Map<number, string>();
  let from = 0;
  for (const { crate, text } of crates
    .map(crate => ({ crate, text: textOf(crate) }))
    .sort((left, right) => (left.text < right.text ? -1 : 1))) {
    const at = bytes.indexOf(text, from, 'latin1');
    if (at < 0) throw new Error(`list: ${text} is not there`);
    from = at + text.length;
    found.set(crate, /^[^"}]*/.exec(bytes.toString('latin1', from, from + 64))?.[0] ?? '');
  }
  return found;
}
