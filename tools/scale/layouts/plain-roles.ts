// TUF roles without maps, signed by one Ed25519 key: what the other layouts need beside what they are about. As long as our own roles are
// where they say the same.

import { encodeHex, generateKeyPair, sha256, type Signer } from '@cargo-tuf/keys';
import {
  type Delegations,
  formatKey,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTime,
  formatTimestamp,
  type Key,
  type MetaFile,
  type ReadOptions,
  type RoleKeys,
  signEnvelope,
  type TargetFile,
  type TopLevelRole,
} from '@cargo-tuf/metadata';

const TOP_LEVEL: readonly TopLevelRole[] = ['root', 'timestamp', 'snapshot', 'targets'];
const DAY = 24 * 60 * 60 * 1000;
/** Far more than a client takes by itself: these layouts have long lists. */
export const LONG_LISTS: Required<Omit<ReadOptions, 'allow'>> = {
  limits: { metaFiles: 2 ** 21, succinctBitLength: 21, targets: 2 ** 24 },
  json: { members: 2 ** 24, nodes: 2 ** 27 },
};

export class PlainRoles {
  readonly keys: ReadonlyMap<string, Key>;
  readonly role: RoleKeys;
  /** The time at which everything is signed, in milliseconds since 1970. */
  readonly time: number;
  readonly #signer: Signer = generateKeyPair('ed25519').signer;
  readonly #keyId: string;

  constructor(time: number) {
    const { keyId, raw } = formatKey(this.#signer.publicKey);
    this.#keyId = keyId;
    this.keys = new Map([[keyId, { keyId, publicKey: this.#signer.publicKey, raw }]]);
    this.role = { keyIds: [keyId], threshold: 1 };
    this.time = time;
  }

  root(): Promise<Uint8Array> {
    const roles = new Map(TOP_LEVEL.map(name => [name, this.role]));
    const rest = { consistentSnapshot: true, keys: this.keys, index: undefined, claimsFloor: 0 };
    return this.#sign(formatRoot({ ...this.#common(1), ...rest, roles }));
  }

  timestamp(version: number, snapshot: MetaFile, merkleRoot?: string): Promise<Uint8Array> {
    return this.#sign(formatTimestamp({ ...this.#common(version), snapshot, merkleRoot }));
  }

  snapshot(version: number, meta: ReadonlyMap<string, MetaFile>): Promise<Uint8Array> {
    return this.#sign(formatSnapshot({ ...this.#common(version), meta }));
  }

  targets(
    version: number,
    targets: ReadonlyMap<string, TargetFile>,
    delegations?: Delegations,
  ): Promise<Uint8Array> {
    const fields = { ...this.#common(version), targets, delegations, map: undefined };
    return this.#sign(formatTargets(fields, LONG_LISTS));
  }

  /** When every role expires. */
  expires(): string {
    return formatTime(this.#common(1).expires);
  }

  /** The file of a role whose canonical form is too long for a tree of JSON. */
  async signCanonical(signed: Uint8Array): Promise<Uint8Array> {
    const signature = encodeHex(await this.#signer.sign(signed));
    const head = Buffer.from(`{"signatures":[{"keyid":"${this.#keyId}","sig":"${signature}"}],"signed":`);
    return Buffer.concat([head, signed, Buffer.from('}')]);
  }

  #sign(signed: ReturnType<typeof formatRoot>): Promise<Uint8Array> {
    return signEnvelope(signed, [this.#signer], LONG_LISTS);
  }

  #common(version: number): { version: number; expires: number; repository: undefined } {
    return { version, expires: this.time - (this.time % 1000) + 30 * DAY, repository: undefined };
  }
}

export function metaFileOf(version: number, bytes: Uint8Array): MetaFile {
  return { version, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
}
