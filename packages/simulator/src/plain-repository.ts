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

/** A repository of targets, of one version and one key, without maps: what TUF 1.0 asks for and nothing else. */
export async function signPlainRepository(
  targets: ReadonlyMap<string, TargetFile>,
  options: { readonly time: number; readonly format?: Format; readonly signer?: Signer },
): Promise<PlainRepository> {
  const { format = 'json', signer = generateKeyPair('ed25519').signer } = options;
  const { keyId, raw } = formatKey(signer.publicKey);
  const keys = new Map<string, Key>([[keyId, { keyId, publicKey: signer.publicKey, raw }]]);
  const roles = new Map(ROLES.map(role => [role, { keyIds: [keyId], threshold: 1 }]));
  const expires = Math.floor(options.time / 1000) * 1000 + DAY;
  const common = { version: 1, expires, repository: undefined };
  const sign = (signed: ReturnType<typeof formatRoot>) => signEnvelope(signed, [signer], { format });

  const root = await sign(
    formatRoot({ ...common, consistentSnapshot: true, keys, roles, index: undefined, claimsFloor: 0 }),
  );
  const listed = await sign(formatTargets({ ...common, targets, delegations: undefined, map: undefined }));
  const snapshot = await sign(
    formatSnapshot({ ...common, meta: new Map([['targets.json', fileOf(listed)]]) }),
  );
  const timestamp = await sign(
    formatTimestamp({ ...common, snapshot: fileOf(snapshot), merkleRoot: undefined }),
  );
  return {
    root,
    files: new Map([
      ['metadata/1.root.json', root],
      ['metadata/timestamp.json', timestamp],
      ['metadata/1.snapshot.json', snapshot],
      ['metadata/1.targets.json', listed],
    ]),
    paths: new Map(
      [...targets].map(([path, { hashes }]) => [
        path,
        `targets/${targetUrlPath(path, hashes.get('sha256') ?? '')}`,
      ]),
    ),
  };
}

function fileOf(bytes: Uint8Array): MetaFile {
  return { version: 1, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
}
