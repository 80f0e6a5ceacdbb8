// Writes one state after another. Everything that is named by content or version is written first, put-if-absent, so that
// a publish that was cut off leaves only files that nobody refers to. `timestamp.json` is swapped last, by compare-and-swap,
// so that of two publishers one wins and the other starts over. A version whose file a cut-off publish left behind is
// skipped: versions only have to rise. Where a root changes too, root-order.ts says which of the two is written first.

import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { encodeHex, type Signer } from '@cargo-tuf/keys';
import type { Leaf, MerkleTree } from '@cargo-tuf/merkle-snapshot';
import {
  type ChangesFile,
  formatTargets,
  type MetaFile,
  type RootFields,
  targetUrlPath,
  type TargetsFields,
} from '@cargo-tuf/metadata';
import { endCommit } from './end-commit.ts';
import { rootSigners } from './next-root.ts';
import { assertPolicy, type CrateDelegate, type RoleName } from './policy.ts';
import { type RoleSigners, signersOf } from './role-keys.ts';
import { orderOf } from './root-order.ts';
import { delegatedKeys, type PublishedState } from './state.ts';
import { type ContentFile, tileFiles } from './tile-files.ts';
import { metaFile, Writer, type WriterContext } from './writer.ts';

export interface PublisherContext<Delegate extends string = CrateDelegate> extends WriterContext<Delegate> {
  readonly signers: RoleSigners<Delegate>;
}

/** The state that shall stand after a commit. Absent members stay as they are. */
export interface NextState {
  readonly root?: RootFields;
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
  /** The map that stands now, with what was read of it. */
  readonly tree: MerkleTree;
}

export async function commit(
  context: PublisherContext,
  state: PublishedState,
  next: NextState,
): Promise<CommitResult> {
  assertPolicy(context.policy);
  const writer = new Writer(context);
  const root = next.root && {
    fields: next.root,
    signers: rootSigners(context.signers, state.root.value, next.root),
  };
  const order = orderOf(context.signers, state.root.value, next.root ?? state.root.value, context.clock());

  await writer.putContent(contentFiles(state, next));

  const targetsFields = next.targets ?? state.targets.value;
  const targets = next.signAgain.has('targets')
    ? await writer.putRole(
        'targets',
        targetsFields,
        formatTargets,
        order.signers('targets'),
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
  const timestampVersion = await endCommit(context.bytes, writer, state, {
    meta,
    order,
    root,
    map: { roles: [targets.bytes, claims.bytes, crates.bytes], merkleRoot },
  });
  return {
    timestampVersion,
    treeVersion: next.treeVersion,
    merkleRoot,
    filesWritten: writer.written + 1,
    tree: next.tree,
  };
}

/** Everything that is named by its content. */
function* contentFiles(state: PublishedState, next: NextState): Generator<ContentFile> {
  for (const [path, bytes] of next.files) yield { path, bytes };
  yield* tileFiles(state, next.tree);
}

function claimsMap(state: PublishedState, next: NextState): TargetsFields['map'] {
  const { map } = state.claims.value;
  return map && { ...map, version: next.claimsVersion ?? map.version };
}

/** Where the entry of a leaf is published: "targets/it/oa/<sha256>.itoa". */
export function entryPath({ name, sha256 }: Pick<Leaf, 'name' | 'sha256'>): string {
  return `targets/${targetUrlPath(indexPathOfLowerCase(name), encodeHex(sha256))}`;
}
