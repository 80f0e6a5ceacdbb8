// `state.json`: which documents are trusted, by content. One file, replaced in one step, so that documents change
// together or not at all. Document names stand only in here and never become a path.
//
//   {"format":1,"revision":7,"documents":{"root.json":{"length":1204,"sha256":"9b74…"}},"check":"5f0c…"}
//
// `check` is the SHA-256 of the same object without `check`, which stands last. It finds damage, not attackers: those who can write
// here are its owner.

import {
  encodeJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import { STORE_LIMITS } from './limits.ts';

export interface Manifest {
  readonly revision: number;
  readonly documents: ReadonlyMap<string, StoredDocument>;
}

export interface StoredDocument {
  readonly sha256: string;
  readonly length: number;
}

export const EMPTY_MANIFEST: Manifest = { revision: 0, documents: new Map() };

export function encodeManifest(manifest: Manifest): Uint8Array {
  const documents = new Map<string, JsonValue>();
  for (const [name, { sha256: digest, length }] of manifest.documents) {
    documents.set(
      name,
      new Map<string, JsonValue>([
        ['length', length],
        ['sha256', digest],
      ]),
    );
  }
  const body = new Map<string, JsonValue>([
    ['format', 1],
    ['revision', manifest.revision],
    ['documents', documents],
  ]);
  const check = encodeHex(sha256(encodeJson(body)));
  return encodeJson(new Map<string, JsonValue>([...body, ['check', check]]));
}

/** The manifest, or null for bytes that `encodeManifest` did not make. */
export function decodeManifest(bytes: Uint8Array): Manifest | null {
  const manifest = readManifest(bytes);
  return manifest !== null && equalBytes(encodeManifest(manifest), bytes) ? manifest : null;
}

function readManifest(bytes: Uint8Array): Manifest | null {
  const tree = parsedObject(bytes);
  const revision = tree?.get('revision');
  const entries = tree?.get('documents');
  if (typeof revision !== 'number' || revision < 1 || !isJsonObject(entries)) return null;
  if (entries.size > STORE_LIMITS.documents) return null;
  const documents = new Map<string, StoredDocument>();
  for (const [name, entry] of entries) {
    const document = isJsonObject(entry) ? readDocument(entry) : null;
    if (document === null) return null;
    documents.set(name, document);
  }
  return { revision, documents };
}

function parsedObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJson(bytes);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readDocument(entry: JsonObject): StoredDocument | null {
  const digest = entry.get('sha256');
  const length = entry.get('length');
  if (typeof digest !== 'string' || !isSha256(digest)) return null;
  if (typeof length !== 'number' || length < 0 || length > STORE_LIMITS.documentBytes) return null;
  return { sha256: digest, length };
}

/** 64 lower-case hexadecimal digits: safe as a path segment. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
