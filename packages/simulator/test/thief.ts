import { encodeHex, type Signer, sha256 } from '@cargo-tuf/keys';
import { forge, type HonestRepository, signedPart } from '@cargo-tuf/simulator';

type Role = 'timestamp' | 'snapshot' | 'targets' | 'claims' | 'crates';

/**
 * The published files with a next version of one role that these signers signed; the roles above it are signed with the
 * real keys, so that nothing but the signatures of that role is wrong.
 */
export async function replaceRole(
  honest: HonestRepository,
  role: Role,
  signers: readonly Signer[],
): Promise<Map<string, Uint8Array>> {
  const files = new Map(honest.files);
  if (role === 'timestamp' || role === 'snapshot') {
    await stamp(files, honest, new Map(), { [role]: signers });
    return files;
  }
  const { meta } = current(files);
  const version = Number(meta.get(`${role}.json`)?.get('version'));
  const bytes = files.get(`metadata/${version}.${role}.json`) as Uint8Array;
  files.set(`metadata/${version + 1}.${role}.json`, await forge(bytes, { version: version + 1 }, signers));
  await restate(files, honest, role, version + 1);
  return files;
}

/** A thief of the online keys makes snapshot and timestamp lead to a file that stands there. */
export async function restate(
  files: Map<string, Uint8Array>,
  honest: HonestRepository,
  role: Role,
  version: number,
): Promise<void> {
  const bytes = files.get(`metadata/${version}.${role}.json`) as Uint8Array;
  await stamp(files, honest, new Map([[`${role}.json`, metaFile(version, bytes)]]), {});
}

async function stamp(
  files: Map<string, Uint8Array>,
  honest: HonestRepository,
  changes: ReadonlyMap<string, Map<string, unknown>>,
  signers: { readonly snapshot?: readonly Signer[]; readonly timestamp?: readonly Signer[] },
): Promise<void> {
  const { timestamp, snapshot, meta, version } = current(files);
  const next = await forge(
    snapshot,
    { version: version + 1, meta: new Map([...meta, ...changes]) as never },
    signers.snapshot ?? honest.signers.get('snapshot') ?? [],
  );
  files.set(`metadata/${version + 1}.snapshot.json`, next);
  const stamped = await forge(
    timestamp,
    {
      version: Number(signedPart(timestamp).get('version')) + 1,
      meta: new Map([['snapshot.json', metaFile(version + 1, next)]]) as never,
    },
    signers.timestamp ?? honest.signers.get('timestamp') ?? [],
  );
  files.set('metadata/timestamp.json', stamped);
}

function current(files: ReadonlyMap<string, Uint8Array>) {
  const timestamp = files.get('metadata/timestamp.json') as Uint8Array;
  const stamped = signedPart(timestamp).get('meta') as unknown as Map<string, Map<string, number>>;
  const version = Number(stamped.get('snapshot.json')?.get('version'));
  const snapshot = files.get(`metadata/${version}.snapshot.json`) as Uint8Array;
  const meta = signedPart(snapshot).get('meta') as unknown as Map<string, Map<string, number>>;
  return { timestamp, snapshot, meta, version };
}

function metaFile(version: number, bytes: Uint8Array): Map<string, unknown> {
  return new Map<string, unknown>([
    ['version', version],
    ['length', bytes.length],
    ['hashes', new Map([['sha256', encodeHex(sha256(bytes))]])],
  ]);
}
