import type { JsonObject } from '@cargo-tuf/canonical-json';
import { encodeHex, generateKeyPair, sha256, type Signer } from '@cargo-tuf/keys';
import { formatSnapshot, formatTargets, formatTimestamp, signEnvelope } from '@cargo-tuf/metadata';
import {
  createRepository,
  DEFAULT_POLICY,
  openMemoryBytes,
  type Policy,
  type PublicKeys,
  type PrunableBytes,
  type PublishedBytes,
  type PublisherContext,
  readState,
  ROLE_NAMES,
  type RoleName,
} from '@cargo-tuf/repository';

export const DAY = 24 * 60 * 60 * 1000;
const START = Date.UTC(2030, 0, 1);
const CONFIG = new TextEncoder().encode('{"dl":"https://crates.example/crates"}');

export function entry(name: string, ...versions: readonly string[]): Uint8Array {
  const lines = versions.map(
    vers =>
      `{"name":"${name}","vers":"${vers}","deps":[],"cksum":"${'ab'.repeat(32)}","features":{},"yanked":false}\n`,
  );
  return new TextEncoder().encode(lines.join(''));
}

export const entries = (...names: readonly string[]) =>
  new Map(names.map(name => [name, entry(name, '1.0.0')]));

function makeSigners(counts: Partial<Record<RoleName, number>> = {}): Map<RoleName, Signer[]> {
  return new Map(
    ROLE_NAMES.map(role => [
      role,
      Array.from({ length: counts[role] ?? 1 }, () => generateKeyPair('ed25519').signer),
    ]),
  );
}

export function publicKeys(signers: ReadonlyMap<RoleName, readonly Signer[]>): PublicKeys {
  return Object.fromEntries(
    [...signers].map(([role, of]) => [role, of.map(signer => signer.publicKey)]),
  ) as unknown as PublicKeys;
}

export interface Trial {
  readonly files: Map<string, Uint8Array>;
  readonly bytes: PrunableBytes;
  readonly signers: Map<RoleName, Signer[]>;
  readonly context: PublisherContext;
  now: number;
}

export const CREATION = { config: CONFIG, repositoryId: new Uint8Array(32).fill(1) };

/** A published registry with the crates `itoa` and `ryu`, or, with `create: false`, an empty place for one. */
export async function openTrial(
  options: { create?: boolean; policy?: Policy; counts?: Partial<Record<RoleName, number>> } = {},
): Promise<Trial> {
  const bytes = openMemoryBytes();
  const signers = makeSigners(options.counts);
  const trial: Trial = {
    files: bytes.files,
    bytes,
    signers,
    now: START,
    context: { bytes, signers, policy: options.policy ?? DEFAULT_POLICY, clock: () => trial.now },
  };
  if (options.create === false) return trial;
  await createRepository(trial.context, { ...CREATION, publicKeys: publicKeys(signers) });
  return trial;
}

/** Makes the published tree one of a version that a thief of the online keys ran up. */
export async function runUp(trial: Trial, version: number): Promise<void> {
  const { crates, snapshot, timestamp } = await readState(trial.bytes);
  const sign = (role: RoleName, signed: JsonObject) => signEnvelope(signed, trial.signers.get(role) ?? []);
  const fileOf = (of: number, bytes: Uint8Array) => ({
    version: of,
    length: bytes.length,
    hashes: new Map([['sha256', encodeHex(sha256(bytes))]]),
  });
  const map = crates.value.map && { ...crates.value.map, version };
  const nextCrates = await sign('crates', formatTargets({ ...crates.value, version: 90, map }));
  trial.files.set('metadata/90.crates.json', nextCrates);
  const meta = new Map([...snapshot.value.meta, ['crates.json', fileOf(90, nextCrates)] as const]);
  const nextSnapshot = await sign('snapshot', formatSnapshot({ ...snapshot.value, version: 90, meta }));
  trial.files.set('metadata/90.snapshot.json', nextSnapshot);
  const stamp = { ...timestamp.value, version: 90, snapshot: fileOf(90, nextSnapshot) };
  trial.files.set('metadata/timestamp.json', await sign('timestamp', formatTimestamp(stamp)));
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Where a publisher is stopped, or what it is told, at one of its calls. */
export type Accident = 'before' | 'after' | 'unknown, written' | 'unknown, lost';
export const ACCIDENTS: readonly Accident[] = ['before', 'after', 'unknown, written', 'unknown, lost'];

class Stopped extends Error {}

/** Passes calls on until the `at`th write, where the accident happens. `writes` counts them. */
export function accidentAt(bytes: PublishedBytes, at: number, accident: Accident) {
  const state = { writes: 0 };
  const pass = async <T>(write: () => Promise<T>): Promise<T | 'unknown'> => {
    state.writes += 1;
    if (state.writes !== at) return write();
    if (accident === 'before') throw new Stopped();
    if (accident !== 'unknown, lost') await write();
    if (accident === 'after') throw new Stopped();
    return 'unknown';
  };
  const wrapped: PublishedBytes = {
    get: path => bytes.get(path),
    putIfAbsent: (path, content) => pass(() => bytes.putIfAbsent(path, content)),
    compareAndSwap: (path, content, tag) => pass(() => bytes.compareAndSwap(path, content, tag)),
  };
  return { bytes: wrapped, state };
}
