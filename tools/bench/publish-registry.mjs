// @ts-check
// A registry of any size in a folder of tuf-admin: made by `tuf-admin init`, and above it a map of made-up crates, whose roles are
// signed here. Of the crates that a batch changes the index entries are there.
//
//   node publish-registry.mjs FOLDER CRATES CHANGED

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { indexPath } from '@cargo-tuf/crate-index';
import { buildIndexMap } from '@cargo-tuf/hash-workers';
import { decodeHex, encodeHex, sha256 } from '@cargo-tuf/keys';
import { countsPath, cutFor, packLeaves, tilePath } from '@cargo-tuf/merkle-snapshot';
import {
  formatSnapshot,
  formatTargets,
  formatTimestamp,
  parseEnvelope,
  parseSnapshot,
  parseTargets,
  parseTimestamp,
  signEnvelope,
  targetUrlPath,
} from '@cargo-tuf/metadata';
import { openFileSigner } from '@cargo-tuf/signers';
import { entryOf, nameOf } from './publish-names.mjs';

const [folder = '', crates = '', changed = ''] = process.argv.slice(2);
const [size, batch] = [Number(crates), Number(changed)];
const publicFolder = `${folder}/public`;

/** @param {string} path @param {Uint8Array} bytes */
function write(path, bytes) {
  const file = `${publicFolder}/${path}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

/** @returns {Generator<import('@cargo-tuf/merkle-snapshot').Leaf>} */
function* leaves() {
  const none = new Uint8Array(32).fill(1);
  for (let index = 0; index < size; index++) {
    const name = nameOf(index);
    if (index >= batch) {
      yield { name, kind: 'entry', version: 2, length: 500, sha256: none };
      continue;
    }
    const bytes = entryOf(name, '1.0.0');
    const hash = sha256(bytes);
    write(`targets/${targetUrlPath(indexPath(name), encodeHex(hash))}`, bytes);
    yield { name, kind: 'entry', version: 2, length: bytes.length, sha256: hash };
  }
}

const fileOf = (/** @type {number} */ version, /** @type {Uint8Array} */ bytes) => ({
  version,
  length: bytes.length,
  hashes: new Map([['sha256', encodeHex(sha256(bytes))]]),
});
const read = (/** @type {string} */ path) => parseEnvelope(readFileSync(`${publicFolder}/${path}`)).signed;
const signer = (/** @type {string} */ role) => openFileSigner(`${folder}/keys/${role}-1.pem`);

const before = parseTargets(read('metadata/1.crates.json'));
const { root } = await buildIndexMap(decodeHex(before.repository ?? '', 32), packLeaves(leaves()), {
  cut: cutFor(size),
  sink: ({ hash, bytes, counts }) => {
    write(tilePath(hash), bytes);
    if (counts !== undefined) write(countsPath(hash), counts);
  },
});
const expires = Date.now() - (Date.now() % 1000) + 86_400_000;
const map = { root: encodeHex(root), version: 2, size };
const next = { version: 2, expires };
const rolesBefore = parseSnapshot(read('metadata/1.snapshot.json'));
const stamp = parseTimestamp(read('metadata/timestamp.json'));
const cratesRole = await signEnvelope(formatTargets({ ...before, ...next, map }), [await signer('crates')]);
const meta = new Map([...rolesBefore.meta, ['crates.json', fileOf(2, cratesRole)]]);
const snapshot = await signEnvelope(formatSnapshot({ ...rolesBefore, ...next, meta }), [
  await signer('snapshot'),
]);
const timestamp = await signEnvelope(
  formatTimestamp({ ...stamp, ...next, snapshot: fileOf(2, snapshot), merkleRoot: map.root }),
  [await signer('timestamp')],
);
write('metadata/2.crates.json', cratesRole);
write('metadata/2.snapshot.json', snapshot);
write('metadata/timestamp.json.next', timestamp);
renameSync(`${publicFolder}/metadata/timestamp.json.next`, `${publicFolder}/metadata/timestamp.json`);
