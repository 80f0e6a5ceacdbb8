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
import type { Draft, DraftedRole, DraftRole, ReleaseHolder } from '@cargo-tuf/repository';
import { about, fail } from '../errors.ts';
import { readExistingFile } from '../local-file.ts';
import { parseHolder } from './roles.ts';

export interface DraftFile {
  readonly change: DraftChange;
  readonly draft: Draft;
}

export type DraftChange =
  | {
      readonly kind: 'targets';
      readonly role: 'release' | 'nightly' | 'rustup';
      readonly files: ReadonlyMap<string, Uint8Array>;
    }
  | { readonly kind: 'rotation'; readonly role: ReleaseHolder; readonly publicKeys: readonly PublicKey[] };

const FORMAT = 'cargo-tuf release draft 1';
const DRAFT_BYTES = 256 * 1024 * 1024;

export function formatDraftFile({ change, draft }: DraftFile): Uint8Array {
  const files = change.kind === 'targets' ? change.files : new Map<string, Uint8Array>();
  const hashes = Array.from(files, ([path, bytes]) => [path, encodeHex(sha256(bytes))] as const);
  const contents = new Map(
    Array.from(files.values(), bytes => [encodeHex(sha256(bytes)), encodeBase64(bytes)]),
  );
  // In their order, which is part of what is signed.
  const ids = new Map(Array.from(draft.keys, ([id, key]) => [key.identity, id]));
  const added = change.kind === 'rotation' ? change.publicKeys : [];
  const keyIds = added.flatMap(key => ids.get(key.identity) ?? []);
  const value = new Map<string, JsonValue>([
    ['format', FORMAT],
    [
      'change',
      new Map<string, JsonValue>([
        ['kind', change.kind],
        ['role', change.role],
        ['keyids', keyIds],
      ]),
    ],
    ['contents', contents],
    ['files', new Map(hashes)],
    ['keys', new Map(Array.from(draft.keys, ([id, key]) => [id, formatSpki(key)]))],
    ['roles', draft.roles.map(formatRole)],
  ]);
  return encodeJson(value, { sorted: true });
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
  const bytes = await readExistingFile(path, DRAFT_BYTES);
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

function parseChange(value: JsonObject, keys: ReadonlyMap<string, PublicKey>): DraftChange {
  const change = objectOf(value.get('change'), 'change');
  const kind = change.get('kind');
  const role = parseHolder(textOf(change.get('role'), 'change'));
  if (kind === 'rotation') {
    const publicKeys = listOf(change.get('keyids'), 'keyids').map(id => keys.get(textOf(id, 'keyids')));
    if (publicKeys.every(key => key !== undefined)) return { kind, role, publicKeys };
    throw refuse('keyids, expected those of keys');
  }
  if (kind !== 'targets' || (role !== 'release' && role !== 'nightly' && role !== 'rustup'))
    throw refuse('change, expected targets or rotation of a role');
  const contents = objectOf(value.get('contents'), 'contents');
  const files = new Map<string, Uint8Array>();
  for (const [path, hash] of objectOf(value.get('files'), 'files')) {
    const content = bytesOf(contents.get(textOf(hash, 'files')), 'contents');
    if (encodeHex(sha256(content)) !== hash)
      throw refuse(`${escapeText(path, 200)}: not the content of its hash`);
    files.set(path, content);
  }
  return { kind, role, files };
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
