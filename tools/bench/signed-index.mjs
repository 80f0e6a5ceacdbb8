// @ts-check
// A signed git index, made from sizes alone: certificates, signed commits, and an index that registry-commits verifies.

import { formatCommit, objectId, withSignature } from '@cargo-tuf/git-object';
import { editTree, initRepository } from '@cargo-tuf/git-transport';
import { encodeHex, generateKeyPair, sha256 } from '@cargo-tuf/keys';
import { formatTomlRoot, formatTomlTimestamp } from '@cargo-tuf/metadata';
import { createCertificate, formatCertificate, signDetached } from '@cargo-tuf/openpgp';

/** @typedef {import('@cargo-tuf/git-object').ObjectId} ObjectId */
/** @typedef {import('@cargo-tuf/git-transport').GitRepository} GitRepository */
/** @typedef {{ signer: import('@cargo-tuf/keys').Signer, certificate: import('@cargo-tuf/openpgp').Certificate }} Identity */

const FAR = Date.UTC(2099, 0, 1);
/** @param {string} text */
const bytesOf = text => new TextEncoder().encode(text);

/** @returns {Promise<Identity>} */
export async function makeIdentity() {
  const { signer } = generateKeyPair('ed25519');
  const time = Date.now() - 60_000;
  return { signer, certificate: await createCertificate(signer, { userId: 'Bot <bot@example.org>', time }) };
}

/** A row of signed commits of the empty tree. @param {string} folder @param {number} count @param {Identity} identity */
export async function makeSignedCommits(folder, count, identity) {
  const repository = await initRepository(folder);
  const tree = await repository.write('tree', new Uint8Array(0));
  /** @type {import('@cargo-tuf/git-transport').GitObject[]} */
  const objects = [];
  /** @type {ObjectId[]} */
  const ids = [];
  for (let number = 0; number < count; number++) {
    const bytes = await signedCommit(identity, tree, ids.slice(-1), `Update crate \`crate-${number}\`\n`);
    objects.push({ type: 'commit', bytes });
    ids.push(objectId('commit', bytes, 'sha1'));
  }
  await repository.writeAll(objects);
  await repository.updateRef('refs/heads/main', ids.at(-1) ?? tree, null);
  repository.close();
  return ids;
}

/**
 * An index of so many crates: its tip, and one in which so many of them have got another version.
 * @param {string} folder @param {number} crates @param {number} changed @param {Identity} identity
 */
export async function makeSignedIndex(folder, crates, changed, identity) {
  const repository = await initRepository(folder);
  const { keyId } = identity.certificate;
  const keys = new Map([[keyId, { keyId, certificate: formatCertificate(identity.certificate) }]]);
  const role = { keyIds: [keyId], threshold: 1 };
  /** @type {Map<import('@cargo-tuf/metadata').TomlRoleName, typeof role>} */
  const roles = new Map([
    ['root', role],
    ['timestamp', role],
  ]);
  const common = { version: 1, expires: FAR, repository: undefined };
  const root = formatTomlRoot({ ...common, consistentSnapshot: true, keys, roles });
  const entries = Array.from({ length: crates }, (_, number) => entryOf(number, 1));
  const first = await commit(repository, identity, undefined, [
    ['root.toml', root],
    ['timestamp.toml', formatTomlTimestamp(common)],
    ...entries,
  ]);
  const step = Math.floor(crates / changed);
  const second = await commit(repository, identity, first, [
    ['timestamp.toml', formatTomlTimestamp({ ...common, version: 2 })],
    ...Array.from({ length: changed }, (_, at) => entryOf(at * step, 2)),
  ]);
  repository.close();
  return { root, first: first.id, second: second.id };
}

/** @param {number} number @param {number} versions @returns {readonly [path: string, bytes: Uint8Array]} */
function entryOf(number, versions) {
  // Prefixes of chance, as names have them: 1,296 folders of folders would be filled unevenly otherwise.
  const name = `${encodeHex(sha256(bytesOf(String(number))))
    .replaceAll(/[0-9]/g, digit => 'ghijklmnop'[Number(digit)] ?? '')
    .slice(0, 4)}-${number}`;
  const lines = Array.from({ length: versions }, (_, at) =>
    JSON.stringify({
      name,
      vers: `1.0.${at}`,
      deps: [],
      cksum: encodeHex(sha256(bytesOf(`${name} ${at}`))),
      features: {},
      yanked: false,
    }),
  );
  return [`${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`, bytesOf(`${lines.join('\n')}\n`)];
}

/**
 * @param {GitRepository} repository @param {Identity} identity
 * @param {{ id: ObjectId, tree: ObjectId } | undefined} before
 * @param {readonly (readonly [path: string, bytes: Uint8Array])[]} files
 */
async function commit(repository, identity, before, files) {
  const ids = await repository.writeAll(files.map(([, bytes]) => ({ type: 'blob', bytes })));
  /** @type {Map<string, import('@cargo-tuf/git-object').TreeEntry>} */
  const changes = new Map(
    files.map(([path], at) => [
      path,
      { kind: /** @type {const} */ ('file'), id: /** @type {ObjectId} */ (ids[at]) },
    ]),
  );
  const { id: tree, objects } = await editTree(repository, before?.tree, changes);
  await repository.writeAll(objects);
  const bytes = await signedCommit(identity, tree, before === undefined ? [] : [before.id], 'Update\n');
  return { id: await repository.write('commit', bytes), tree };
}

/** @param {Identity} identity @param {ObjectId} tree @param {readonly ObjectId[]} parents @param {string} message */
async function signedCommit({ signer, certificate }, tree, parents, message) {
  const time = Date.now() - 30_000;
  const author = { name: 'Bot', email: 'bot@example.org', time: Math.floor(time / 1000), zone: '+0000' };
  const fields = { tree, parents, author, committer: author, mergeTags: [], message: bytesOf(message) };
  const bytes = formatCommit(fields, 'sha1');
  return withSignature('commit', bytes, await signDetached(bytes, signer, certificate, { time }), 'sha1');
}
