// @ts-check
// Repositories without a map, as every TUF client reads them: one Ed25519 key, consistent snapshots, SHA-256. Layout and
// content follow from the size alone; keys and times differ from run to run.

import { encodeHex, generateKeyPair, sha256 } from '@cargo-tuf/keys';
import {
  formatKey,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  signEnvelope,
  succinctRoleName,
} from '@cargo-tuf/metadata';

/**
 * @typedef {object} TufRepository
 * @property {Uint8Array} root
 * @property {Map<string, Uint8Array>} files by path: "metadata/timestamp.json"
 * @property {readonly string[]} names of its targets
 */

const DAY = 86_400_000;
const TOP_LEVEL = /** @type {const} */ (['root', 'timestamp', 'snapshot', 'targets']);
/** More than a client takes by itself: 200,000 targets, and what they are in values of JSON. */
const LIMITS = { limits: { targets: 200_000 }, json: { members: 200_000, nodes: 1_000_000 } };

/** All targets in the top-level role. @param {number} count @returns {Promise<TufRepository>} */
export async function makeFlatRepository(count) {
  const names = targetNames(count);
  const writer = openWriter();
  const targets = new Map(names.map(name => [name, targetOf(name, 1024)]));
  const file = await writer.writeTargets('targets', { targets, delegations: undefined }, true);
  return { ...(await writer.finish(new Map([['targets.json', file]]))), names };
}

/**
 * 2^bitLength succinct bins (TAP 15). `hashes`: the snapshot states length and hash of every bin; otherwise its version
 * alone, as most publishers do.
 * @param {{ bitLength: number, count: number, hashes?: boolean }} options @returns {Promise<TufRepository>}
 */
export async function makeBinRepository({ bitLength, count, hashes = false }) {
  const names = targetNames(count);
  const writer = openWriter();
  const succinctRoles = { ...writer.role, bitLength, namePrefix: 'bin' };
  const delegations = { keys: writer.keys, roles: [], succinctRoles };
  /** @type {Map<string, import('@cargo-tuf/metadata').MetaFile>} */
  const meta = new Map();
  meta.set('targets.json', await writer.writeTargets('targets', { targets: new Map(), delegations }, hashes));
  /** @type {Map<string, Map<string, import('@cargo-tuf/metadata').TargetFile>>} */
  const bins = new Map();
  const digits = (2 ** bitLength - 1).toString(16).length;
  for (let bin = 0; bin < 2 ** bitLength; bin++)
    bins.set(`bin-${bin.toString(16).padStart(digits, '0')}`, new Map());
  for (const name of names) bins.get(succinctRoleName(succinctRoles, name))?.set(name, targetOf(name, 1024));
  for (const [name, targets] of bins)
    meta.set(`${name}.json`, await writer.writeTargets(name, { targets, delegations: undefined }, hashes));
  return { ...(await writer.finish(meta)), names };
}

/** Targets with content, of a few lengths around one. @param {number} count @param {number} length @returns {Promise<TufRepository>} */
export async function makeContentRepository(count, length) {
  const names = targetNames(count);
  const writer = openWriter();
  const targets = new Map();
  for (const name of names) {
    const bytes = contentOf(name, length);
    const hash = encodeHex(sha256(bytes));
    targets.set(name, { length: bytes.length, hashes: new Map([['sha256', hash]]) });
    const at = name.lastIndexOf('/') + 1;
    writer.files.set(`targets/${name.slice(0, at)}${hash}.${name.slice(at)}`, bytes);
  }
  const file = await writer.writeTargets('targets', { targets, delegations: undefined }, true);
  return { ...(await writer.finish(new Map([['targets.json', file]]))), names };
}

function openWriter() {
  const { signer } = generateKeyPair('ed25519');
  const { keyId, raw } = formatKey(signer.publicKey);
  const keys = new Map([[keyId, { keyId, publicKey: signer.publicKey, raw }]]);
  const role = { keyIds: [keyId], threshold: 1 };
  const expires = Math.floor(Date.now() / 1000) * 1000 + 30 * DAY;
  const common = { version: 1, expires, repository: undefined };
  /** @type {Map<string, Uint8Array>} */
  const files = new Map();
  /** @param {Uint8Array} bytes @param {boolean} hashes @returns {import('@cargo-tuf/metadata').MetaFile} */
  const fileOf = (bytes, hashes) =>
    hashes
      ? { version: 1, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) }
      : { version: 1 };
  return {
    keys,
    role,
    files,
    /**
     * @param {string} name
     * @param {Pick<import('@cargo-tuf/metadata').TargetsFields, 'targets' | 'delegations'>} fields
     * @param {boolean} hashes
     */
    async writeTargets(name, fields, hashes) {
      const signed = formatTargets({ ...common, ...fields, map: undefined }, LIMITS);
      const bytes = await signEnvelope(signed, [signer], LIMITS);
      files.set(`metadata/1.${name}.json`, bytes);
      return fileOf(bytes, hashes);
    },
    /** @param {ReadonlyMap<string, import('@cargo-tuf/metadata').MetaFile>} meta */
    async finish(meta) {
      const snapshot = await signEnvelope(formatSnapshot({ ...common, meta }), [signer]);
      files.set('metadata/1.snapshot.json', snapshot);
      const stamp = { ...common, snapshot: fileOf(snapshot, true), merkleRoot: undefined };
      files.set('metadata/timestamp.json', await signEnvelope(formatTimestamp(stamp), [signer]));
      const roles = new Map(TOP_LEVEL.map(name => [name, role]));
      const fields = { ...common, consistentSnapshot: true, keys, roles, index: undefined, claimsFloor: 0 };
      const root = await signEnvelope(formatRoot(fields), [signer]);
      files.set('metadata/1.root.json', root);
      return { root, files };
    },
  };
}

/** @param {number} count */
function targetNames(count) {
  return Array.from({ length: count }, (_, index) => {
    const name = `crate-${String(index).padStart(6, '0')}`;
    return `crates/${name}/${name}-1.0.${index % 90}.crate`;
  });
}

/** @param {string} name @param {number} length @returns {import('@cargo-tuf/metadata').TargetFile} */
function targetOf(name, length) {
  return { length, hashes: new Map([['sha256', encodeHex(sha256(new TextEncoder().encode(name)))]]) };
}

/** @param {string} name @param {number} length */
function contentOf(name, length) {
  const seed = sha256(new TextEncoder().encode(name));
  return Uint8Array.from({ length: length + (seed[0] ?? 0) }, (_, at) => seed[at % 32] ?? 0);
}
