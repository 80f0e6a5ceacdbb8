import type { JsonObject } from '@cargo-tuf/canonical-json';
import { encodeHex, generateKeyPair, sha256, type Signer } from '@cargo-tuf/keys';
import {
  type Format,
  formatKey,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  type Key,
  type MetaFile,
  signEnvelope,
  type SignOptions,
  type TargetFile,
  targetUrlPath,
  type TopLevelRole,
} from '@cargo-tuf/metadata';

export interface PlainRepository {
  /** The trust anchor. */
  readonly root: Uint8Array;
  /** The metadata that a mirror serves. Content is not among it: it may be too large for memory. */
  readonly files: Map<string, Uint8Array>;
  /** Where a mirror has the content of a target. */
  readonly paths: ReadonlyMap<string, string>;
}

const ROLES: readonly TopLevelRole[] = ['root', 'timestamp', 'snapshot', 'targets'];
const DAY = 24 * 60 * 60 * 1000;

export interface PlainOptions extends SignOptions {
  readonly time: number;
  readonly signer?: Signer;
  /** A publisher that mixes formats: the one of a file by its name, such as "1.snapshot". */
  readonly formatOf?: (name: string) => Format;
  /** Versions of the root; the first one is the anchor. */
  readonly roots?: number;
  /** Targets below "more/", which a delegated role lists. */
  readonly delegated?: ReadonlyMap<string, TargetFile>;
}

/** A repository of targets, signed by one key, without maps: what TUF 1.0 asks for and nothing else. */
export async function signPlainRepository(
  targets: ReadonlyMap<string, TargetFile>,
  options: PlainOptions,
): Promise<PlainRepository> {
  const { signer = generateKeyPair('ed25519').signer, roots = 1, delegated } = options;
  const { keyId, raw } = formatKey(signer.publicKey, options.format);
  const keys = new Map<string, Key>([[keyId, { keyId, publicKey: signer.publicKey, raw }]]);
  const role = { keyIds: [keyId], threshold: 1 };
  const expires = Math.floor(options.time / 1000) * 1000 + DAY;
  const common = { version: 1, expires, repository: undefined };
  const files = new Map<string, Uint8Array>();
  const meta = new Map<string, MetaFile>();
  const sign = async (name: string, signed: JsonObject): Promise<Uint8Array> => {
    const format = options.formatOf?.(name) ?? options.format ?? 'json';
    const bytes = await signEnvelope(signed, [signer], { ...options, format, keyIdOf: () => keyId });
    files.set(`metadata/${name}.json`, bytes);
    return bytes;
  };
  for (let version = 1; version <= roots; version++) {
    const root = { ...common, version, consistentSnapshot: true, index: undefined, claimsFloor: 0 };
    await sign(
      `${version}.root`,
      formatRoot({ ...root, keys, roles: new Map(ROLES.map(each => [each, role])) }, options),
    );
  }
  if (delegated !== undefined) {
    const fields = { ...common, targets: delegated, delegations: undefined, map: undefined };
    meta.set('more.json', fileOf(await sign('1.more', formatTargets(fields, options))));
  }
  const more = { ...role, name: 'more', terminating: false, paths: ['more/*'] };
  const delegations = delegated && { keys, roles: [more] };
  const listed = formatTargets({ ...common, targets, delegations, map: undefined }, options);
  meta.set('targets.json', fileOf(await sign('1.targets', listed)));
  const snapshot = await sign('1.snapshot', formatSnapshot({ ...common, meta }, options));
  await sign(
    'timestamp',
    formatTimestamp({ ...common, snapshot: fileOf(snapshot), merkleRoot: undefined }, options),
  );
  const paths = [...targets, ...(delegated ?? [])].map(
    ([path, { hashes }]) => [path, `targets/${targetUrlPath(path, hashes.get('sha256') ?? '')}`] as const,
  );
  return { root: files.get('metadata/1.root.json') as Uint8Array, files, paths: new Map(paths) };
}

function fileOf(bytes: Uint8Array): MetaFile {
  return { version: 1, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
}
