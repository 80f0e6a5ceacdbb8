// TAP 16 to the letter: one file with a Merkle path for each crate's role, all of them new at every snapshot. The hashes of the tree are
// kept, a file is written when it is asked for, and read by the reader of merkle-snapshot. Leaves stand in the order of the crates'
// numbers: the length of a path does not depend on the order.

import { createHash } from 'node:crypto';
import type { Source } from '@cargo-tuf/client';
import { verifyTap16 } from '@cargo-tuf/merkle-snapshot';
import type { Ledger } from '../population/ledger.ts';
import { type Count, Tally } from '../transport/tally.ts';
import { crateRole, KnownCrateRoles } from './crate-roles.ts';
import { HashLevels } from './hash-levels.ts';
import type { Layout, LayoutClient } from './layout.ts';
import { fetchFile, readTimestamp } from './plain-reader.ts';
import { PlainRoles } from './plain-roles.ts';

/** Files whose mean length stands for all when a publish writes every one anew. */
const SAMPLE = 1_000;

export async function openTap16(ledger: Ledger, time: number): Promise<Layout> {
  const roles = new PlainRoles(time);
  const levels = new HashLevels(ledger.size, crate => sha256Hex(leafText(ledger, crate)), sha256Hex);
  let version = 1;
  const writeTimestamp = (): Promise<Uint8Array> => roles.timestamp(version, { version }, levels.root());
  let timestamp = await writeTimestamp();

  return {
    ledger,
    parameters: '',
    gzip: true,
    serve: async path => {
      if (path === 'metadata/timestamp.json') return { bytes: timestamp };
      const [, proved] = /^metadata\/(.+)-snapshot\.json$/.exec(path) ?? [];
      if (proved !== undefined) {
        const crate = ledger.find(proved);
        return crate === undefined ? null : { bytes: proofFile(ledger, levels, crate) };
      }
      const [, revision, name = ''] = /^metadata\/(\d+)\.(.+)\.json$/.exec(path) ?? [];
      const crate = ledger.find(name);
      if (crate === undefined || ledger.entry(crate).revision !== Number(revision)) return null;
      return { bytes: await crateRole(roles, ledger, crate) };
    },
    publish: async crates => {
      version += 1;
      ledger.publish(crates);
      levels.change(crates);
      timestamp = await writeTimestamp();
      const written = new Tally();
      for (const crate of crates)
        written.add(`metadata/1.${ledger.name(crate)}.json`, (await crateRole(roles, ledger, crate)).length);
      written.add('metadata/timestamp.json', timestamp.length);
      return { ...written.take(), proof: allProofs(ledger, levels) };
    },
    newClient: () => new Tap16Client(roles, ledger),
  };
}

/** `{"leaf_contents":{…},"merkle_path":{"0":"<64 hex>",…},"path_directions":{"0":-1,…}}`, canonical. */
function proofFile(ledger: Ledger, levels: HashLevels, crate: number): Uint8Array {
  const path = levels
    .path(crate)
    .map(({ hash, isRight }, index) => ({ index: String(index), hash, direction: isRight ? 1 : -1 }))
    .sort((left, right) => (left.index < right.index ? -1 : 1));
  const hashes = path.map(({ index, hash }) => `"${index}":"${hash}"`).join(',');
  const directions = path.map(({ index, direction }) => `"${index}":${direction}`).join(',');
  return Buffer.from(
    `{"leaf_contents":${leafText(ledger, crate)},"merkle_path":{${hashes}},"path_directions":{${directions}}}`,
  );
}

function leafText(ledger: Ledger, crate: number): string {
  return `{"name":"${ledger.name(crate)}","version":${ledger.entry(crate).revision}}`;
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What a publisher writes of them: a sample's mean length, for every crate. */
function allProofs(ledger: Ledger, levels: HashLevels): Count {
  const sample = Math.min(SAMPLE, ledger.size);
  let bytes = 0;
  for (let at = 0; at < sample; at++)
    bytes += proofFile(ledger, levels, Math.floor((at * ledger.size) / sample)).length;
  return { files: ledger.size, bytes: Math.round((bytes / sample) * ledger.size) };
}

class Tap16Client implements LayoutClient {
  readonly #roles: PlainRoles;
  readonly #ledger: Ledger;
  readonly #known: KnownCrateRoles;

  constructor(roles: PlainRoles, ledger: Ledger, known = new KnownCrateRoles(roles, ledger)) {
    this.#roles = roles;
    this.#ledger = ledger;
    this.#known = known;
  }

  fork(): LayoutClient {
    return new Tap16Client(this.#roles, this.#ledger, this.#known.fork());
  }

  async check(source: Source, crates: readonly number[]): Promise<readonly Uint8Array[]> {
    const { merkleRoot } = await readTimestamp(source, this.#roles);
    return Promise.all(crates.map(crate => this.#entry(source, crate, merkleRoot ?? '')));
  }

  async #entry(source: Source, crate: number, root: string): Promise<Uint8Array> {
    const name = this.#ledger.name(crate);
    const { version } = verifyTap16(await fetchFile(source, `metadata/${name}-snapshot.json`), name, root);
    return this.#known.entry(source, crate, version);
  }
}
