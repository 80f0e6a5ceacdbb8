import { type Client, openClient, openMemoryStore, type Source, type Store } from '@cargo-tuf/client';
import { encodeHex, generateKeyPair, type PublicKey, sha256, type Signer } from '@cargo-tuf/keys';
import {
  type Delegations,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  signEnvelope,
} from '@cargo-tuf/metadata';
import { formatManifest } from '@cargo-tuf/release-channel';
import {
  createReleases,
  DEFAULT_RELEASES_POLICY,
  openMemoryBytes,
  type PrunableBytes,
  publishTargets,
  readReleases,
  RELEASE_HOLDERS,
  type ReleaseHolder,
  type ReleasesContext,
  type ReleasesPolicy,
} from '@cargo-tuf/repository';

const START = Date.UTC(2030, 0, 1);

/** Keys of each role: root 9, release and rustup 5, the others 1. */
const COUNTS: Readonly<Record<ReleaseHolder, number>> = {
  root: 9,
  release: 5,
  rustup: 5,
  nightly: 1,
  snapshot: 1,
  timestamp: 1,
};

export interface ReleasesTrial {
  readonly files: Map<string, Uint8Array>;
  readonly bytes: PrunableBytes;
  readonly signers: Map<ReleaseHolder, Signer[]>;
  readonly context: ReleasesContext;
  now: number;
}

export const REPOSITORY_ID = new Uint8Array(32).fill(7);

/** A repository of releases without a target, or, with `create: false`, an empty place for one. */
export async function openReleasesTrial(
  options: {
    create?: boolean;
    thresholds?: Partial<Record<ReleaseHolder, number>>;
    counts?: Partial<Record<ReleaseHolder, number>>;
  } = {},
): Promise<ReleasesTrial> {
  const bytes = openMemoryBytes();
  const signers = new Map(
    RELEASE_HOLDERS.map(role => [role, makeSigners(options.counts?.[role] ?? COUNTS[role])]),
  );
  const policy: ReleasesPolicy = { ...DEFAULT_RELEASES_POLICY };
  for (const [role, threshold] of Object.entries(options.thresholds ?? {}))
    Object.assign(policy, { [role]: { ...policy[role as ReleaseHolder], threshold } });
  const trial: ReleasesTrial = {
    files: bytes.files,
    bytes,
    signers,
    now: START,
    context: { bytes, signers, policy, clock: () => trial.now },
  };
  if (options.create !== false)
    await createReleases(trial.context, { publicKeys: publicKeysOf(signers), repositoryId: REPOSITORY_ID });
  return trial;
}

export function makeSigners(count: number): Signer[] {
  return Array.from({ length: count }, () => generateKeyPair('ed25519').signer);
}

export function publicKeysOf(
  signers: ReadonlyMap<ReleaseHolder, readonly Signer[]>,
): Readonly<Record<ReleaseHolder, readonly PublicKey[]>> {
  return Object.fromEntries(
    [...signers].map(([role, of]) => [role, of.map(signer => signer.publicKey)]),
  ) as unknown as Readonly<Record<ReleaseHolder, readonly PublicKey[]>>;
}

/** The same context with other signers of some roles. */
export function withSigners(
  context: ReleasesContext,
  signers: Partial<Record<ReleaseHolder, readonly Signer[]>>,
): ReleasesContext {
  const all = new Map(context.signers);
  for (const [role, of] of Object.entries(signers)) all.set(role as ReleaseHolder, of);
  return { ...context, signers: all };
}

/** A manifest of which nothing was built. */
export function manifest(date: string, note = ''): Uint8Array {
  const unbuilt = { available: false, archives: [], components: [], extensions: [] };
  return formatManifest({
    date,
    packages: new Map([
      ['rust', { version: `1.0.0${note}`, targets: new Map([['x86_64-unknown-linux-gnu', unbuilt]]) }],
    ]),
    renames: new Map(),
    profiles: new Map(),
  });
}

export const STABLE = 'dist/channel-rust-stable.toml';
export const NIGHTLY = 'dist/channel-rust-nightly.toml';

export function publishStable(context: ReleasesContext, date: string) {
  return publishTargets(context, { role: 'release', files: new Map([[STABLE, manifest(date)]]) });
}

export function publishNightly(context: ReleasesContext, date: string) {
  const dated = `dist/${date}/channel-rust-nightly.toml`;
  const files = new Map([NIGHTLY, dated].map(path => [path, manifest(date)]));
  return publishTargets(context, { role: 'nightly', files });
}

/** A client that trusts root version 1, or what `store` has. */
export function clientOf(trial: ReleasesTrial, store: Store = openMemoryStore(), root?: Uint8Array): Client {
  const source: Source = { fetch: async path => trial.files.get(path) ?? null };
  const anchor = root ?? (trial.files.get('metadata/1.root.json') as Uint8Array);
  return openClient({ root: anchor, source, store, clock: () => trial.now });
}

/** What a fresh client gets of a target: its text, or the code of the error. */
export async function seen(trial: ReleasesTrial, path: string, client = clientOf(trial)): Promise<string> {
  try {
    const bytes = await (await client.sync()).fetchTarget(path);
    return bytes === undefined ? 'absent' : new TextDecoder().decode(bytes);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** What thieves of some keys publish: a role that says anything, below a snapshot and a timestamp that are signed as usual. */
export async function forge(
  trial: ReleasesTrial,
  role: 'release' | 'nightly',
  files: ReadonlyMap<string, Uint8Array>,
  signers: readonly Signer[],
  delegations?: Delegations,
): Promise<void> {
  const state = await readReleases(trial.bytes);
  const standing = state.delegated.get(role);
  if (standing === undefined) throw new Error(`no role ${role}`);
  const version = standing.value.version + 1;
  const targets = new Map(standing.value.targets);
  for (const [path, bytes] of files) {
    const hash = encodeHex(sha256(bytes));
    targets.set(path, { length: bytes.length, hashes: new Map([['sha256', hash]]) });
    const at = path.lastIndexOf('/') + 1;
    trial.files.set(`targets/${path.slice(0, at)}${hash}.${path.slice(at)}`, bytes);
  }
  const fileOf = (of: number, bytes: Uint8Array) => ({
    version: of,
    length: bytes.length,
    hashes: new Map([['sha256', encodeHex(sha256(bytes))]]),
  });
  const signed = await signEnvelope(
    formatTargets({ ...standing.value, version, targets, delegations }),
    signers,
  );
  trial.files.set(`metadata/${version}.${role}.json`, signed);
  const meta = new Map([...state.snapshot.value.meta, [`${role}.json`, fileOf(version, signed)] as const]);
  const nextSnapshot = state.snapshot.value.version + 1;
  const snapshot = await signEnvelope(
    formatSnapshot({ ...state.snapshot.value, version: nextSnapshot, meta }),
    trial.signers.get('snapshot') ?? [],
  );
  trial.files.set(`metadata/${nextSnapshot}.snapshot.json`, snapshot);
  const timestamp = { ...state.timestamp.value, version: state.timestamp.value.version + 1 };
  trial.files.set(
    'metadata/timestamp.json',
    await signEnvelope(
      formatTimestamp({ ...timestamp, snapshot: fileOf(nextSnapshot, snapshot) }),
      trial.signers.get('timestamp') ?? [],
    ),
  );
}
