// What a thief makes of stolen keys. Each attack is tried in several ways: what cannot be signed is signed with keys of the
// thief's own, or is left as the registry signed it, with the forged files under the names that it uses.

import type { JsonObject, JsonValue } from '@cargo-tuf/canonical-json';
import type { ProvedEntry, Snapshot } from '@cargo-tuf/client';
import { encodeHex, generateKeyPair, sha256, type Signer } from '@cargo-tuf/keys';
import { type Leaf, type MerkleTree, tilePath } from '@cargo-tuf/merkle-snapshot';
import { formatKey, formatTime } from '@cargo-tuf/metadata';
import { openMemoryBytes, readState } from '@cargo-tuf/repository';
import { DAY, forge, type HonestRepository, signedPart, type SimulatedClock } from '@cargo-tuf/simulator';
import type { Attack, Role } from './oracle.ts';

export interface Scene {
  readonly clock: SimulatedClock;
  readonly honest: HonestRepository;
  /** What was published two days before the current state. */
  readonly old: ReadonlyMap<string, Uint8Array>;
  readonly stolen: ReadonlySet<Role>;
  readonly forged: Uint8Array;
  readonly current: Uint8Array;
  /** The config.json of the old and of the current state. */
  readonly configs: readonly [Uint8Array, Uint8Array];
}

interface Seen {
  readonly snapshot: Snapshot;
  readonly entry: ProvedEntry | undefined;
  readonly config: Uint8Array | undefined;
}

export interface Attempt {
  /** What the mirror serves. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Whether a client that saw this was harmed. */
  readonly reached: (seen: Seen) => boolean;
}

export interface Way {
  readonly name: string;
  readonly prepare: (scene: Scene) => Promise<Attempt>;
}

type TopLevel = 'targets' | 'snapshot' | 'timestamp';
type Unsigned = 'signed by a stranger' | 'left honest';
const UNSIGNED: readonly Unsigned[] = ['signed by a stranger', 'left honest'];
const RUN_UP = 2 ** 40 - 1;
const LAST = 2 ** 53 - 1;

export function attempts(attack: Attack): readonly Way[] {
  const ways = (make: (scene: Scene, unsigned: Unsigned) => Promise<Attempt>): Way[] =>
    UNSIGNED.map(unsigned => ({ name: unsigned, prepare: scene => make(scene, unsigned) }));
  return WAYS[attack](ways);
}

type MakeWays = (make: (scene: Scene, unsigned: Unsigned) => Promise<Attempt>) => Way[];

const WAYS: Readonly<Record<Attack, (ways: MakeWays) => readonly Way[]>> = {
  'arbitrary entry': ways =>
    ways(async (scene, unsigned) => {
      const theft = await Theft.begin(scene, unsigned);
      const version = theft.treeVersion + 1;
      const tree = theft.putEntry(scene.forged, version);
      await theft.forgeMap(tree, version);
      return { files: theft.files, reached: ({ entry }) => isSame(entry?.bytes, scene.forged) };
    }),
  'rollback of a leaf': ways => [
    replay(scene => scene.old, isRolledBack),
    ...ways(async (scene, unsigned) => {
      const theft = await Theft.begin(scene, unsigned);
      const old = openMemoryBytes();
      for (const [path, bytes] of scene.old) old.files.set(path, bytes);
      const { tree } = await readState(old);
      await theft.forgeMap(tree, theft.treeVersion + 1);
      return { files: theft.files, reached: isRolledBack };
    }),
  ],
  freeze: () => [
    replay(
      scene => scene.honest.copy(),
      () => true,
    ),
  ],
  'freeze beyond expiry': ways => [
    replay(
      scene => scene.honest.copy(),
      () => true,
    ),
    ...ways(async (scene, unsigned) => {
      const theft = await Theft.begin(scene, unsigned);
      await theft.forgeMap(theft.tree, theft.treeVersion);
      return { files: theft.files, reached: ({ entry }) => isSame(entry?.bytes, scene.current) };
    }),
  ],
  'mix-and-match': ways =>
    ways(async (scene, unsigned) => {
      const theft = await Theft.begin(scene, unsigned, ['snapshot', 'timestamp']);
      const oldTargets = scene.old.get('metadata/1.targets.json') as Uint8Array;
      await theft.forgeSnapshot(new Map([['targets.json', metaFile(1, oldTargets)]]));
      await theft.forgeTimestamp({});
      return {
        files: theft.files,
        reached: ({ entry, config }) =>
          isSame(entry?.bytes, scene.current) && isSame(config, scene.configs[0]),
      };
    }),
  'fast-forward of timestamp': ways =>
    ways(async (scene, unsigned) => {
      const theft = await Theft.begin(scene, unsigned, scene.stolen.has('timestamp') ? [] : ['timestamp']);
      await theft.forgeTimestamp({ version: LAST });
      return { files: theft.files, reached: ({ snapshot }) => snapshot.versions.timestamp === LAST };
    }),
  'fast-forward of tree': ways =>
    ways(async (scene, unsigned) => {
      const theft = await Theft.begin(scene, unsigned);
      await theft.forgeMap(theft.tree, RUN_UP);
      return { files: theft.files, reached: ({ snapshot }) => snapshot.versions.tree === RUN_UP };
    }),
};

function replay(files: (scene: Scene) => ReadonlyMap<string, Uint8Array>, reached: Attempt['reached']): Way {
  return { name: 'replayed', prepare: async scene => ({ files: files(scene), reached }) };
}

/** In the honest state the leaf of itoa has tree version 3. */
function isRolledBack({ entry }: Seen): boolean {
  return entry !== undefined && entry.leaf.version < 3;
}

/** The files of a mirror while a thief works on them. */
class Theft {
  readonly files: Map<string, Uint8Array>;
  readonly tree: MerkleTree;
  readonly treeVersion: number;
  readonly #scene: Scene;
  readonly #unsigned: Unsigned;
  readonly #stranger: Signer = generateKeyPair('ed25519').signer;
  /** Roles that the thief signs with keys of his own, because a role above says so. */
  readonly #taken = new Set<Role>();
  #merkleRoot: string | undefined;

  private constructor(scene: Scene, unsigned: Unsigned, tree: MerkleTree, treeVersion: number) {
    this.#scene = scene;
    this.#unsigned = unsigned;
    this.files = new Map(scene.honest.files);
    this.tree = tree;
    this.treeVersion = treeVersion;
  }

  /** A thief of root gives other keys to the roles that he needs, unless said otherwise: those that he cannot sign. */
  static async begin(scene: Scene, unsigned: Unsigned, take?: readonly TopLevel[]): Promise<Theft> {
    const { tree, crates } = await readState(scene.honest.context.bytes);
    const theft = new Theft(scene, unsigned, tree, crates.value.map?.version ?? 0);
    const needed: readonly TopLevel[] = scene.stolen.has('crates')
      ? ['snapshot', 'timestamp']
      : ['targets', 'snapshot', 'timestamp'];
    if (scene.stolen.has('root'))
      await theft.#forgeRoot(take ?? needed.filter(role => !scene.stolen.has(role)));
    return theft;
  }

  putEntry(bytes: Uint8Array, version: number): MerkleTree {
    const hash = sha256(bytes);
    const leaf: Leaf = { name: 'itoa', kind: 'entry', version, length: bytes.length, sha256: hash };
    const tree = this.tree.with([leaf]);
    this.files.set(`targets/it/oa/${encodeHex(hash)}.itoa`, bytes);
    for (const tile of tree.tiles()) this.files.set(tilePath(tile.hash), tile.bytes);
    return tree;
  }

  /** Another map, in fresh metadata up to the timestamp. */
  async forgeMap(tree: MerkleTree, version: number): Promise<void> {
    const changes = new Map<string, JsonValue>();
    if (!this.#scene.stolen.has('crates') && this.#canSign('targets'))
      changes.set('targets.json', await this.#forgeDelegation());
    const root = encodeHex(tree.root);
    const honest = this.#file('crates');
    const extension = member(signedPart(honest.bytes), 'x-cargo-tuf');
    const map: JsonObject = new Map<string, JsonValue>([
      ['root', root],
      ['version', version],
      ['size', tree.size],
    ]);
    const forged = await this.#forge('crates', honest, {
      'x-cargo-tuf': new Map([...extension, ['map', map]]),
    });
    changes.set('crates.json', metaFile(forged.version, forged.bytes));
    this.#merkleRoot = root;
    await this.forgeSnapshot(changes);
    await this.forgeTimestamp({});
  }

  async forgeSnapshot(changes: ReadonlyMap<string, JsonValue>): Promise<void> {
    const honest = this.#file('snapshot');
    const meta = new Map([...member(signedPart(honest.bytes), 'meta'), ...changes]);
    if (this.#canSign('snapshot') || this.#unsigned === 'signed by a stranger') {
      await this.#forge('snapshot', honest, { meta });
      return;
    }
    // The honest snapshot stays; the forged files stand where it looks for them.
    for (const [name, file] of changes) {
      const wanted = Number(member(member(signedPart(honest.bytes), 'meta'), name).get('version'));
      const forged = this.files.get(`metadata/${Number((file as JsonObject).get('version'))}.${name}`);
      if (forged !== undefined) this.files.set(`metadata/${wanted}.${name}`, forged);
    }
  }

  async forgeTimestamp(changes: Readonly<Record<string, JsonValue>>): Promise<void> {
    const honest = this.files.get('metadata/timestamp.json') as Uint8Array;
    const { version, bytes } = this.#forgedSnapshot ?? this.#file('snapshot');
    if (!this.#canSign('timestamp') && this.#unsigned === 'left honest') {
      const wanted = this.#file('snapshot').version;
      this.files.set(`metadata/${wanted}.snapshot.json`, bytes);
      return;
    }
    const stamp = await forge(
      honest,
      {
        version: Number(signedPart(honest).get('version')) + 100,
        expires: this.#expires(),
        meta: new Map([['snapshot.json', metaFile(version, bytes)]]),
        ...(this.#merkleRoot !== undefined && { merkle_root: this.#merkleRoot }),
        ...changes,
      },
      this.#signers('timestamp'),
    );
    this.files.set('metadata/timestamp.json', stamp);
  }

  #forgedSnapshot: { readonly version: number; readonly bytes: Uint8Array } | undefined;

  async #forgeRoot(take: readonly TopLevel[]): Promise<void> {
    const bytes = this.files.get('metadata/1.root.json') as Uint8Array;
    const signed = signedPart(bytes);
    const { keyId, raw } = formatKey(this.#stranger.publicKey);
    const roles = new Map(member(signed, 'roles'));
    for (const role of take) {
      roles.set(role, roleKeys(keyId));
      this.#taken.add(role);
    }
    const keys = new Map([...member(signed, 'keys'), [keyId, raw] as const]);
    const root = await forge(
      bytes,
      { version: 2, keys, roles },
      this.#scene.honest.signers.get('root') ?? [],
    );
    this.files.set('metadata/2.root.json', root);
  }

  /** A targets role that gives the crates to the thief. */
  async #forgeDelegation(): Promise<JsonObject> {
    const honest = this.#file('targets');
    const delegations = member(signedPart(honest.bytes), 'delegations');
    const { keyId, raw } = formatKey(this.#stranger.publicKey);
    const roles = (delegations.get('roles') as readonly JsonObject[]).map(role =>
      role.get('name') === 'crates' ? new Map([...role, ...roleKeys(keyId)]) : role,
    );
    const keys = new Map([...member(delegations, 'keys'), [keyId, raw] as const]);
    const next = await this.#forge('targets', honest, {
      delegations: new Map<string, JsonValue>([
        ['keys', keys],
        ['roles', roles],
      ]),
    });
    this.#taken.add('crates');
    return metaFile(next.version, next.bytes);
  }

  /** The next version of a role with these changes, or the honest one where it shall stay. */
  async #forge(
    role: Role,
    honest: { readonly version: number; readonly bytes: Uint8Array },
    changes: Readonly<Record<string, JsonValue>>,
  ): Promise<{ readonly version: number; readonly bytes: Uint8Array }> {
    if (!this.#canSign(role) && this.#unsigned === 'left honest') return honest;
    const version = honest.version + 100;
    const bytes = await forge(
      honest.bytes,
      { version, expires: this.#expires(), ...changes },
      this.#signers(role),
    );
    this.files.set(`metadata/${version}.${role}.json`, bytes);
    if (role === 'snapshot') this.#forgedSnapshot = { version, bytes };
    return { version, bytes };
  }

  #canSign(role: Role): boolean {
    return this.#taken.has(role) || this.#scene.stolen.has(role);
  }

  #signers(role: Role): readonly Signer[] {
    const own = this.#taken.has(role) || !this.#scene.stolen.has(role);
    return own ? [this.#stranger] : (this.#scene.honest.signers.get(role) ?? []);
  }

  #expires(): string {
    return formatTime(this.#scene.clock.now() + DAY);
  }

  /** The file of a role that the honest timestamp leads to. */
  #file(role: 'snapshot' | 'targets' | 'crates'): { readonly version: number; readonly bytes: Uint8Array } {
    const { files } = this.#scene.honest;
    const stamp = signedPart(files.get('metadata/timestamp.json') as Uint8Array);
    const snapshot = Number(member(member(stamp, 'meta'), 'snapshot.json').get('version'));
    const bytes = files.get(`metadata/${snapshot}.snapshot.json`) as Uint8Array;
    if (role === 'snapshot') return { version: snapshot, bytes };
    const version = Number(member(member(signedPart(bytes), 'meta'), `${role}.json`).get('version'));
    return { version, bytes: files.get(`metadata/${version}.${role}.json`) as Uint8Array };
  }
}

function roleKeys(keyId: string): Map<string, JsonValue> {
  return new Map<string, JsonValue>([
    ['keyids', [keyId]],
    ['threshold', 1],
  ]);
}

function metaFile(version: number, bytes: Uint8Array): JsonObject {
  return new Map<string, JsonValue>([
    ['version', version],
    ['length', bytes.length],
    ['hashes', new Map([['sha256', encodeHex(sha256(bytes))]])],
  ]);
}

function member(object: JsonObject, name: string): JsonObject {
  return object.get(name) as JsonObject;
}

function isSame(bytes: Uint8Array | undefined, wanted: Uint8Array): boolean {
  return bytes !== undefined && encodeHex(bytes) === encodeHex(wanted);
}
