// Repositories of the vectors: every file that a mirror serves, as text. A plan says what differs from the plainest
// repository; `publish` signs it, real keys and real signatures, faults included.

import { encodeHex, sha256, type Signer } from '@cargo-tuf/keys';
import {
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  type MetaFile,
  roleUrlPath,
  signEnvelope,
  targetUrlPath,
  type TopLevelRole,
} from '@cargo-tuf/metadata';
import { keyMap, keyOf, testKey } from './test-keys.ts';

export const START = Date.UTC(2030, 0, 1);
export const DAY = 86_400_000;

/** What a mirror serves: URL path to text. */
export type Files = ReadonlyMap<string, string>;
type Signed = Awaited<ReturnType<typeof formatRoot>>;
/** Members of an object that is signed. */
export type Members = Map<string, NonNullable<ReturnType<Signed['get']>> | null>;

/** The file as `JSON.parse` gives it. */
export interface Envelope {
  signatures: { keyid: string; sig: string }[];
  signed: Record<string, unknown>;
}

interface RoleOptions {
  readonly version?: number;
  readonly expires?: number;
  readonly signers?: readonly Signer[];
  /** Changes what is about to be signed. */
  readonly edit?: (signed: Members) => void;
  /** Changes the file after it was signed. */
  readonly forge?: (file: Envelope) => void;
}

export interface RootOptions extends RoleOptions {
  readonly keys?: Partial<Record<TopLevelRole, readonly Signer[]>>;
  readonly thresholds?: Partial<Record<TopLevelRole, number>>;
  readonly consistent?: boolean;
}

export interface Delegate {
  readonly name: string;
  readonly paths?: readonly string[];
  readonly pathHashPrefixes?: readonly string[];
  readonly terminating?: boolean;
  /** One key named "delegated" unless given. */
  readonly keys?: readonly Signer[];
  readonly threshold?: number;
}

export interface TargetsOptions extends RoleOptions {
  /** Path to content. */
  readonly targets?: Readonly<Record<string, string>>;
  readonly delegates?: readonly Delegate[];
  readonly succinct?: { readonly bitLength: number; readonly namePrefix: string };
}

/** Changes to what a parent says of a file; `undefined` leaves a member out. */
interface NamedFile {
  readonly version?: number;
  readonly length?: MetaFile['length'] | undefined;
  readonly hashes?: MetaFile['hashes'] | undefined;
}

export interface Plan {
  /** Of every role below root that states none itself. */
  readonly version?: number;
  readonly consistent?: boolean;
  /** Root files that are served, by the version in their name. */
  readonly roots?: Readonly<Record<number, string>>;
  readonly timestamp?: RoleOptions & { readonly named?: NamedFile };
  /** `null` takes a role out. */
  readonly snapshot?: RoleOptions & { readonly named?: Readonly<Record<string, NamedFile | null>> };
  readonly targets?: TargetsOptions;
  readonly delegated?: Readonly<Record<string, TargetsOptions>>;
}

const TOP_LEVEL = ['root', 'timestamp', 'snapshot', 'targets'] as const;

export async function makeRoot(options: RootOptions = {}): Promise<string> {
  const { version = 1, thresholds = {}, consistent = true } = options;
  const keys = Object.fromEntries(
    TOP_LEVEL.map(role => [role, options.keys?.[role] ?? [testKey(role)]]),
  ) as Record<TopLevelRole, readonly Signer[]>;
  const signed = formatRoot({
    version,
    expires: options.expires ?? START + 365 * DAY,
    repository: undefined,
    consistentSnapshot: consistent,
    keys: keyMap(TOP_LEVEL.flatMap(role => keys[role])),
    roles: new Map(
      TOP_LEVEL.map(role => [
        role,
        { keyIds: keys[role].map(signer => keyOf(signer).keyId), threshold: thresholds[role] ?? 1 },
      ]),
    ),
    index: undefined,
    claimsFloor: 0,
  });
  return sign(signed, options, keys.root);
}

/** All files of a repository, but for `1.root.json`, which is the anchor. */
export async function publish(plan: Plan = {}): Promise<Files> {
  const { consistent = true, version: common = 1 } = plan;
  const files = new Map<string, string>();
  for (const [version, text] of Object.entries(plan.roots ?? {}))
    files.set(`metadata/${version}.root.json`, text);
  const meta = new Map<string, MetaFile>();
  const roles = [['targets', plan.targets ?? {}] as const, ...Object.entries(plan.delegated ?? {})];
  for (const [name, options] of roles) {
    const { version = common } = options;
    const text = await makeTargets(name, { ...options, version });
    files.set(`metadata/${roleUrlPath(name, consistent ? version : undefined)}`, text);
    meta.set(`${name}.json`, describe(version, text));
    for (const [path, content] of Object.entries(options.targets ?? {}))
      files.set(targetPath(path, content, consistent), content);
  }
  for (const [name, named] of Object.entries(plan.snapshot?.named ?? {})) {
    if (named === null) meta.delete(`${name}.json`);
    else meta.set(`${name}.json`, withNamed(meta.get(`${name}.json`) ?? { version: common }, named));
  }
  const { version = common } = plan.snapshot ?? {};
  const snapshot = await makeSnapshot({ ...plan.snapshot, version }, meta);
  files.set(`metadata/${roleUrlPath('snapshot', consistent ? version : undefined)}`, snapshot);
  const named = withNamed(describe(version, snapshot), plan.timestamp?.named ?? {});
  files.set('metadata/timestamp.json', await makeTimestamp({ version: common, ...plan.timestamp }, named));
  return files;
}

export function makeTimestamp(options: RoleOptions, snapshot: MetaFile = { version: 1 }): Promise<string> {
  const fields = { ...commonOf(options), snapshot, merkleRoot: undefined };
  return sign(formatTimestamp(fields), options, [testKey('timestamp')]);
}

function makeSnapshot(options: RoleOptions, meta: ReadonlyMap<string, MetaFile>): Promise<string> {
  return sign(formatSnapshot({ ...commonOf(options), meta }), options, [testKey('snapshot')]);
}

function makeTargets(name: string, options: TargetsOptions): Promise<string> {
  const targets = Object.entries(options.targets ?? {}).map(([path, content]) => {
    const { length, hashes } = describe(1, content);
    return [path, { length: length ?? 0, hashes: hashes ?? new Map() }] as const;
  });
  const { delegates = [], succinct } = options;
  const keysOf = (each: Delegate): readonly Signer[] => each.keys ?? [testKey('delegated')];
  const signers = succinct ? [testKey('delegated')] : delegates.flatMap(keysOf);
  const idsOf = (list: readonly Signer[]): string[] => list.map(signer => keyOf(signer).keyId);
  const delegations = {
    keys: keyMap(signers),
    roles: delegates.map(each => ({
      name: each.name,
      terminating: each.terminating ?? false,
      keyIds: idsOf(keysOf(each)),
      threshold: each.threshold ?? 1,
      ...(each.pathHashPrefixes
        ? { pathHashPrefixes: each.pathHashPrefixes }
        : { paths: each.paths ?? ['*', '*/*'] }),
    })),
    ...(succinct && { succinctRoles: { ...succinct, keyIds: idsOf(signers), threshold: 1 } }),
  };
  const signed = formatTargets({
    ...commonOf(options),
    targets: new Map(targets),
    delegations: signers.length === 0 ? undefined : delegations,
    map: undefined,
  });
  return sign(signed, options, [testKey(name === 'targets' ? name : 'delegated')]);
}

/** What a parent says of a file. */
export function describe(version: number, text: string): MetaFile {
  const bytes = new TextEncoder().encode(text);
  return { version, length: bytes.length, hashes: new Map([['sha256', hashOf(text)]]) };
}

export function hashOf(text: string): string {
  return encodeHex(sha256(new TextEncoder().encode(text)));
}

/** Where a mirror has a target. */
export function targetPath(path: string, content: string, consistent = true): string {
  const url = consistent
    ? targetUrlPath(path, hashOf(content))
    : path.split('/').map(encodeURIComponent).join('/');
  return `targets/${url}`;
}

/** The same files with one exchanged, added, or, by null, taken away. */
export function withFile(files: Files, path: string, text: string | null): Files {
  const changed = new Map(files);
  if (text === null) changed.delete(path);
  else changed.set(path, text);
  return changed;
}

export function textOf(files: Files, path: string): string {
  const text = files.get(path);
  if (text === undefined) throw new Error(`${path}: not among the files`);
  return text;
}

function commonOf({ version = 1, expires = START + 30 * DAY }: RoleOptions) {
  return { version, expires, repository: undefined };
}

function withNamed(file: MetaFile, named: NamedFile): MetaFile {
  const { version, length, hashes } = { ...file, ...named };
  return { version, ...(length !== undefined && { length }), ...(hashes && { hashes }) };
}

async function sign(signed: Signed, options: RoleOptions, owners: readonly Signer[]): Promise<string> {
  const members = new Map(signed);
  options.edit?.(members);
  const text = new TextDecoder().decode(await signEnvelope(members, options.signers ?? owners));
  if (options.forge === undefined) return text;
  const file = JSON.parse(text) as Envelope;
  options.forge(file);
  return JSON.stringify(file);
}
