// Writes one state after another. Everything that is named by content or version is written first, put-if-absent, so that
// a publish that was cut off leaves only files that nobody refers to. `timestamp.json` is swapped last, by compare-and-swap,
// so that of two publishers one wins and the other starts over. A version whose file a cut-off publish left behind is
// skipped: versions only have to rise. Where a root changes too, root-order.ts says which of the two is written first.

import { encodeHex, sha256, type Signer } from '@cargo-tuf/keys';
import type { Leaf, MerkleTree } from '@cargo-tuf/merkle-snapshot';
import {
  type ChangesFile,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  type MetaFile,
  packBundle,
  type RootFields,
  signEnvelope,
  type TargetsFields,
} from '@cargo-tuf/metadata';
import type { JsonObject } from '@cargo-tuf/canonical-json';
import { fail } from './errors.ts';
import { eachInParallel } from './parallel.ts';
import { assertPolicy, type Policy, type RoleName } from './policy.ts';
import type { PublishedBytes } from './published-bytes.ts';
import { type RoleSigners, signersOf } from './role-keys.ts';
import { orderOf } from './root-order.ts';
import { delegatedKeys, type PublishedState } from './state.ts';
import { tileFiles } from './tile-files.ts';

export interface PublisherContext {
  readonly bytes: PublishedBytes;
  readonly signers: RoleSigners;
  readonly policy: Policy;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** The state that shall stand after a commit. Absent members stay as they are. */
export interface NextState {
  readonly root?: { readonly fields: RootFields; readonly signers: readonly Signer[] };
  readonly targets?: TargetsFields;
  /** Sign targets and claims again even if their content stays: their keys or their expiry changed. */
  readonly signAgain: ReadonlySet<RoleName>;
  readonly tree: MerkleTree;
  readonly treeVersion: number;
  /** What `crates.json` says of the changes up to this tree (changes.ts); none with another version of the tree. */
  readonly changes?: ReadonlyMap<number, ChangesFile>;
  /** Another version of the claims map; `signAgain` must name `claims` then. */
  readonly claimsVersion?: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface CommitResult {
  readonly timestampVersion: number;
  readonly treeVersion: number;
  /** 64 hex digits. */
  readonly merkleRoot: string;
  readonly filesWritten: number;
}

export async function commit(
  context: PublisherContext,
  state: PublishedState,
  next: NextState,
): Promise<CommitResult> {
  assertPolicy(context.policy);
  const writer = new Writer(context);
  const root = next.root?.fields ?? state.root.value;
  const { first, signers: signersFor } = orderOf(context.signers, state.root.value, root, context.clock());

  await eachInParallel(next.files, PARALLEL, ([path, bytes]) => writer.put(path, bytes));
  await eachInParallel(tileFiles(state, next.tree), PARALLEL, ({ path, bytes, isAsGood }) =>
    writer.put(path, bytes, isAsGood),
  );

  const targetsFields = next.targets ?? state.targets.value;
  const targets = next.signAgain.has('targets')
    ? await writer.putRole(
        'targets',
        targetsFields,
        formatTargets,
        signersFor('targets'),
        state.targets.value.version,
      )
    : {
        fields: state.targets.value,
        file: metaFile(state.targets.value.version, state.targets.bytes),
        bytes: state.targets.bytes,
      };
  const delegate = (name: 'claims' | 'crates'): readonly Signer[] => {
    const { keys, role } = delegatedKeys({ ...state.targets.value, ...targets.fields }, name);
    return signersOf(context.signers, name, keys, role);
  };
  const claims = next.signAgain.has('claims')
    ? await writer.putRole(
        'claims',
        { ...state.claims.value, map: claimsMap(state, next) },
        formatTargets,
        delegate('claims'),
        state.claims.value.version,
      )
    : { file: metaFile(state.claims.value.version, state.claims.bytes), bytes: state.claims.bytes };

  const merkleRoot = encodeHex(next.tree.root);
  const standing = state.crates.value.map;
  const changes = next.changes ?? (standing?.version === next.treeVersion ? standing.changes : undefined);
  const crates = await writer.putRole(
    'crates',
    {
      ...state.crates.value,
      map: {
        root: merkleRoot,
        version: next.treeVersion,
        size: next.tree.size,
        ...(changes && { changes }),
      },
    },
    formatTargets,
    delegate('crates'),
    state.crates.value.version,
  );
  const meta = new Map<string, MetaFile>([
    ['targets.json', targets.file],
    ['claims.json', claims.file],
    ['crates.json', crates.file],
  ]);
  const snapshot = await writer.putRole(
    'snapshot',
    { ...state.snapshot.value, meta },
    formatSnapshot,
    signersFor('snapshot'),
    state.snapshot.value.version,
  );
  await writer.putBundle(snapshot, [targets.bytes, claims.bytes, crates.bytes]);
  const timestampVersion = state.timestamp.value.version + 1;
  const timestamp = await signEnvelope(
    formatTimestamp({
      ...state.timestamp.value,
      version: timestampVersion,
      expires: writer.expiry('timestamp'),
      snapshot: snapshot.file,
      merkleRoot,
    }),
    signersFor('timestamp'),
  );
  const nextRoot = next.root && (await signEnvelope(formatRoot(next.root.fields), next.root.signers));
  if (nextRoot !== undefined && first === 'root') {
    await assertUnchanged(context.bytes, state.timestampTag);
    await writer.putRoot(root.version, nextRoot);
  }
  await swapTimestamp(context.bytes, timestamp, state.timestampTag);
  if (nextRoot !== undefined && first === 'timestamp') await writer.putRoot(root.version, nextRoot);
  if (nextRoot !== undefined) await assertStanding(context.bytes, timestamp, root.version);
  return { timestampVersion, treeVersion: next.treeVersion, merkleRoot, filesWritten: writer.written + 1 };
}

/** Requests under way at once for files that are named by their content. */
const PARALLEL = 16;

function claimsMap(state: PublishedState, next: NextState): TargetsFields['map'] {
  const { map } = state.claims.value;
  return map && { ...map, version: next.claimsVersion ?? map.version };
}

async function assertUnchanged(bytes: PublishedBytes, tag: string): Promise<void> {
  if ((await bytes.get(TIMESTAMP))?.tag === tag) return;
  throw fail('REPOSITORY_CONFLICT', `${TIMESTAMP}: changed while this publish was prepared`);
}

async function assertStanding(bytes: PublishedBytes, timestamp: Uint8Array, root: number): Promise<void> {
  const path = `metadata/${root}.root.json`;
  if ((await bytes.get(path)) === null)
    throw fail('REPOSITORY_UNKNOWN', `${path}: does not stand after it was written`);
  if (sameBytes(await bytes.get(TIMESTAMP), timestamp)) return;
  throw fail('REPOSITORY_CONFLICT', `${TIMESTAMP}: changed while root ${root} was written`);
}

const TIMESTAMP = 'metadata/timestamp.json';

/**
 * Replaces the timestamp that `tag` stands for. An answer that was lost is looked up; so is a conflict, which may be with
 * our own write when the store repeated a request.
 */
export async function swapTimestamp(
  bytes: PublishedBytes,
  timestamp: Uint8Array,
  tag: string | null,
): Promise<void> {
  const result = await bytes.compareAndSwap(TIMESTAMP, timestamp, tag);
  if (result === 'done' || sameBytes(await bytes.get(TIMESTAMP), timestamp)) return;
  if (result === 'unknown')
    throw fail('REPOSITORY_UNKNOWN', `${TIMESTAMP}: no answer whether it was written`);
  throw fail('REPOSITORY_CONFLICT', `${TIMESTAMP}: changed while this publish was prepared`);
}

function metaFile(version: number, bytes: Uint8Array): MetaFile {
  return { version, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
}

/** The leaf of a crate's entry at a tree version. */
export function entryLeaf(name: string, version: number, bytes: Uint8Array): Leaf {
  return { name, kind: 'entry', version, length: bytes.length, sha256: sha256(bytes) };
}

const SKIPPED_VERSIONS = 1000;

export interface WrittenRole<Fields> {
  readonly fields: Fields;
  readonly file: MetaFile;
  readonly bytes: Uint8Array;
}

export class Writer {
  readonly #context: PublisherContext;
  written = 0;

  constructor(context: PublisherContext) {
    this.#context = context;
  }

  expiry(role: RoleName): number {
    const now = this.#context.clock();
    return now - (now % 1000) + this.#context.policy[role].period;
  }

  /** Writes a file that is named by its content; the same bytes, or what `isAsGood`, may stand there already. */
  async put(
    path: string,
    bytes: Uint8Array,
    isAsGood: (standing: Uint8Array) => boolean = () => false,
  ): Promise<void> {
    if (await this.#tryPut(path, bytes)) return;
    const standing = await this.#context.bytes.get(path);
    if (standing !== null && isAsGood(standing.bytes)) return;
    throw fail('REPOSITORY_DAMAGED', `${path}: other bytes stand there, expected none or the same`);
  }

  /** A root of another publisher is no damage: he was faster. */
  async putRoot(version: number, bytes: Uint8Array): Promise<void> {
    const path = `metadata/${version}.root.json`;
    if (!(await this.#tryPut(path, bytes)))
      throw fail('REPOSITORY_CONFLICT', `${path}: was written by another publisher`);
  }

  /** Signs a role under the first version after `last` whose file is free. */
  async putRole<Fields extends { readonly version: number; readonly expires: number }>(
    role: RoleName,
    fields: Fields,
    format: (fields: Fields) => JsonObject,
    signers: readonly Signer[],
    last: number,
  ): Promise<WrittenRole<Fields>> {
    for (let version = last + 1; version <= last + SKIPPED_VERSIONS; version++) {
      const signed = { ...fields, version, expires: this.expiry(role) };
      const bytes = await signEnvelope(format(signed), signers);
      if (await this.#tryPut(`metadata/${version}.${role}.json`, bytes)) {
        return { fields: signed, file: metaFile(version, bytes), bytes };
      }
    }
    throw fail('REPOSITORY_DAMAGED', `${role}: ${SKIPPED_VERSIONS} versions after ${last} are taken`);
  }

  /** All roles of a snapshot in one file (docs/pouf.md, section 2.3). `roles`: targets, claims, crates. */
  async putBundle(
    snapshot: Omit<WrittenRole<unknown>, 'fields'>,
    roles: readonly Uint8Array[],
  ): Promise<void> {
    const bundle = packBundle([snapshot.bytes, ...roles]);
    if (bundle !== undefined) await this.put(`metadata/${snapshot.file.version}.bundle`, bundle);
  }

  async #tryPut(path: string, bytes: Uint8Array): Promise<boolean> {
    const { bytes: store } = this.#context;
    const result = await store.putIfAbsent(path, bytes);
    if (result === 'done') this.written += 1;
    if (result !== 'unknown') return result !== 'conflict';
    const found = await store.get(path);
    if (found === null) throw fail('REPOSITORY_UNKNOWN', `${path}: no answer whether it was written`);
    return sameBytes(found, bytes);
  }
}

function sameBytes(found: { readonly bytes: Uint8Array } | null, bytes: Uint8Array): boolean {
  return found !== null && encodeHex(sha256(found.bytes)) === encodeHex(sha256(bytes));
}
