// Signed files in one JSON object, each as base64. Written in canonical form and read in no other, so that every byte counts.

import {
  encodeCanonical,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { decodeBase64, encodeBase64, equalBytes } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { type SignedState, STATE_FILES } from './signed-state.ts';

/** Bytes of a container: six files of at most 5 MB, in base64. */
export const CONTAINER_BYTES: number = 48 * 1024 * 1024;
const LIMITS = { depth: 4, members: 1_024, nodes: 4_096, stringBytes: 8 * 1024 * 1024 };

export function formatContainer(members: Iterable<readonly [string, JsonValue]>): Uint8Array {
  return encodeCanonical(new Map(members));
}

/** Throws `AUDIT_EVIDENCE`, and what the JSON reader throws. */
export function parseContainer(bytes: Uint8Array): JsonObject {
  if (bytes.length > CONTAINER_BYTES)
    throw fail('AUDIT_EVIDENCE', `file: ${bytes.length} bytes, expected at most ${CONTAINER_BYTES}`);
  const value = parseJson(bytes, LIMITS);
  if (!isJsonObject(value) || !equalBytes(encodeCanonical(value), bytes))
    throw fail('AUDIT_EVIDENCE', 'file: not a JSON object in canonical form');
  return value;
}

export function formatState(state: SignedState): JsonObject {
  return new Map<string, JsonValue>([
    ['root', state.root],
    ...STATE_FILES.map(name => [name, encodeBase64(state[name])] as const),
  ]);
}

/** Throws `AUDIT_EVIDENCE`. */
export function parseState(value: JsonValue | undefined): SignedState {
  if (!isJsonObject(value)) throw malformed('states');
  const root = value.get('root');
  if (typeof root !== 'number' || value.size !== STATE_FILES.length + 1) throw malformed('states');
  const of = (name: (typeof STATE_FILES)[number]): Uint8Array => bytesOf(value.get(name), name);
  return {
    root,
    timestamp: of('timestamp'),
    snapshot: of('snapshot'),
    targets: of('targets'),
    claims: of('claims'),
    crates: of('crates'),
  };
}

export function bytesOf(value: JsonValue | undefined, name: string): Uint8Array {
  const bytes = typeof value === 'string' ? decodeBase64(value) : undefined;
  if (bytes === undefined) throw malformed(name);
  return bytes;
}

export function malformed(member: string): Error {
  return fail('AUDIT_EVIDENCE', `file: member ${member} is not as written`, { details: { member } });
}
