// A change that waits for signatures, in one file that custodians pass on or copy:
//
//   {"change":{"keyids":[],"kind":"targets","role":"release"},"contents":{"<sha256>":"<base64>"},"files":{"dist/…":"<sha256>"},
//    "format":"cargo-tuf release draft 1","keys":{"<keyid>":"<PEM>"},
//    "roles":[{"file":"<base64>","quorums":[{"keyids":["<keyid>"],"threshold":3}],"role":"release"}]}
//
// Nothing in it is trusted. Who signs is shown what the roles say; who publishes makes the change anew (packages/repository/src/draft.ts).

import { encodeJson, type JsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import { escapeText } from '@cargo-tuf/errors';
import {
  decodeBase64,
  encodeBase64,
  encodeHex,
  formatSpki,
  parseSpki,
  type PublicKey,
  sha256,
} from '@cargo-tuf/keys';
import { parseEnvelope, type RoleKeys } from '@cargo-tuf/metadata';
import {
  cratesRootPath,
  type Draft,
  type DraftedRole,
  type DraftRole,
  type ReleaseChange,
  type ReleaseHolder,
} from '@cargo-tuf/repository';
import { about, fail } from '../errors.ts';
import { readExistingFile } from '../local-file.ts';
import { parseHolder, parseRoleName } from './roles.ts';

export interface DraftFile {
  readonly change: ReleaseChange;
  readonly draft: Draft;
}

const FORMAT = 'cargo-tuf release draft 1';
const DRAFT_BYTES = 256 * 1024 * 1024;

export function formatDraftFile({ change, draft }: DraftFile): Uint8Array {
  const files = filesOf(change);
  const hashes = Array.from(files, ([path, bytes]) => [path, encodeHex(sha256(bytes))] as const);
  const contents = Array.from(
    files.values(),
    bytes => [encodeHex(sha256(bytes)), encodeBase64(bytes)] as const,
  );
  const value = new Map<string, JsonValue>([
    ['format', FORMAT],
    ['change', formatChange(change, draft)],
    ['contents', new Map(contents)],
    ['files', new Map(hashes)],
    ['keys', new Map(Array.from(draft.keys, ([id, key]) => [id, formatSpki(key)]))],
    ['roles', draft.roles.map(formatRole)],
  ]);
  return encodeJson(value, { sorted: true });
}

function filesOf(change: ReleaseChange): ReadonlyMap<string, Uint8Array> {
  if (change.kind === 'targets') return change.files;
  if (change.kind !== 'crates-root') return new Map();
  return new Map(change.roots.map((bytes, index) => [cratesRootPath(index + 1), bytes]));
}

function formatChange(change: ReleaseChange, { keys }: Draft): JsonObject {
  const members = new Map<string, JsonValue>([['kind', change.kind]]);
  if (change.kind === 'targets' || change.kind === 'rotation') members.set('role', change.role);
  if (change.kind === 'renewal') members.set('roles', change.roles);
  if (change.kind === 'crates-root') members.set('reanchor', change.reanchor ?? false);
  if (change.kind === 'rotation') {
    // In their order, which is part of what is signed.
    const ids = new Map(Array.from(keys, ([id, key]) => [key.identity, id]));
    members.set(
      'keyids',
      change.publicKeys.flatMap(key => ids.get(key.identity) ?? []),
    );
  }
  return members;
}

function formatRole({ role, bytes, quorums }: DraftRole): JsonObject {
  return new Map<string, JsonValue>([
    ['role', role],
    ['file', encodeBase64(bytes)],
    [
      'quorums',
      quorums.map(
        ({ keyIds, threshold }) =>
          new Map<string, JsonValue>([
            ['keyids', keyIds],
            ['threshold', threshold],
          ]),
      ),
    ],
  ]);
}

/** Throws `ADMIN_DRAFT`, or what its parts throw, for a file that is not as `formatDraftFile` writes it. */
export async function readDraftFile(path: string): Promise<DraftFile> {
  const bytes = readExistingFile(path, DRAFT_BYTES);
  return about(escapeText(path), () => parseDraftFile(bytes));
}

function parseDraftFile(bytes: Uint8Array): DraftFile {
  const value = objectOf(parseJson(bytes, { stringBytes: DRAFT_BYTES }), 'the file');
  if (value.get('format') !== FORMAT) throw refuse(`format, expected "${FORMAT}"`);
  const keys = new Map<string, PublicKey>();
  for (const [id, pem] of objectOf(value.get('keys'), 'keys')) keys.set(id, parseSpki(textOf(pem, 'keys')));
  const roles = listOf(value.get('roles'), 'roles').map(each => parseRole(objectOf(each, 'roles')));
  return { change: parseChange(value, keys), draft: { roles, keys } };
}

function parseChange(value: JsonObject, keys: ReadonlyMap<string, PublicKey>): ReleaseChange {
  const change = objectOf(value.get('change'), 'change');
  const role = (): ReleaseHolder => parseHolder(textOf(change.get('role'), 'change'));
  switch (textOf(change.get('kind'), 'change')) {
    case 'targets':
      return { kind: 'targets', role: publishedRole(role()), files: parseFiles(value) };
    case 'rotation':
      return { kind: 'rotation', role: role(), publicKeys: parseKeyIds(change, keys) };
    case 'renewal':
      return {
        kind: 'renewal',
        roles: listOf(change.get('roles'), 'roles').map(each => parseRoleName(textOf(each, 'roles'))),
      };
    case 'crates-root': {
      const files = parseFiles(value);
      const roots = Array.from(
        files,
        (_, index) => files.get(cratesRootPath(index + 1)) ?? new Uint8Array(0),
      );
      return { kind: 'crates-root', roots, reanchor: change.get('reanchor') === true };
    }
    default:
      throw refuse('change, expected targets, rotation, renewal or crates-root');
  }
}

function publishedRole(role: ReleaseHolder): 'release' | 'rustup' {
  if (role === 'release' || role === 'rustup') return role;
  throw refuse(`targets of ${role}, expected of release or rustup`);
}

function parseKeyIds(change: JsonObject, keys: ReadonlyMap<string, PublicKey>): readonly PublicKey[] {
  const publicKeys = listOf(change.get('keyids'), 'keyids').map(id => keys.get(textOf(id, 'keyids')));
  if (publicKeys.every(key => key !== undefined)) return publicKeys;
  throw refuse('keyids, expected those of keys');
}

function parseFiles(value: JsonObject): ReadonlyMap<string, Uint8Array> {
  const contents = objectOf(value.get('contents'), 'contents');
  const files = new Map<string, Uint8Array>();
  for (const [path, hash] of objectOf(value.get('files'), 'files')) {
    const content = bytesOf(contents.get(textOf(hash, 'files')), 'contents');
    if (encodeHex(sha256(content)) !== hash)
      throw refuse(`${escapeText(path, 200)}: not the content of its hash`);
    files.set(path, content);
  }
  return files;
}

const DRAFTED: readonly DraftedRole[] = ['root', 'targets', 'release', 'rustup', 'crates-root'];

function parseRole(value: JsonObject): DraftRole {
  const role = DRAFTED.find(each => each === value.get('role'));
  if (role === undefined) throw refuse(`roles, expected ${DRAFTED.join(', ')}`);
  const bytes = bytesOf(value.get('file'), 'file');
  parseEnvelope(bytes);
  const quorums = listOf(value.get('quorums'), 'quorums').map((each): RoleKeys => {
    const quorum = objectOf(each, 'quorums');
    const threshold = quorum.get('threshold');
    if (typeof threshold !== 'number' || threshold < 1) throw refuse('threshold, expected an integer from 1');
    return { threshold, keyIds: listOf(quorum.get('keyids'), 'keyids').map(id => textOf(id, 'keyids')) };
  });
  return { role, bytes, quorums };
}

function objectOf(value: JsonValue | undefined, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && 'get' in value) return value;
  throw refuse(`${where}, expected an object`);
}

function listOf(value: JsonValue | undefined, where: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value as readonly JsonValue[];
  throw refuse(`${where}, expected a list`);
}

function textOf(value: JsonValue | undefined, where: string): string {
  if (typeof value === 'string') return value;
  throw refuse(`${where}, expected text`);
}

function bytesOf(value: JsonValue | undefined, where: string): Uint8Array {
  const bytes = decodeBase64(textOf(value, where));
  if (bytes !== undefined) return bytes;
  throw refuse(`${where}, expected base64`);
}

function refuse(what: string): Error {
  return fail('ADMIN_DRAFT', `draft: ${what}`);
}
