// The first steps of every client of the other layouts: a look for the next root and the timestamp, side by side, as our client does it.

import type { Source } from '@cargo-tuf/client';
import { parseEnvelope, type Snapshot, type Timestamp, verifyContent, verifyRole } from '@cargo-tuf/metadata';
import { LONG_LISTS, type PlainRoles } from './plain-roles.ts';

const MOST = { maxLength: 2 ** 31 };

export async function readTimestamp(source: Source, roles: PlainRoles): Promise<Timestamp> {
  const [root, bytes] = await Promise.all([
    source.fetch('metadata/2.root.json', MOST),
    fetchFile(source, 'metadata/timestamp.json'),
  ]);
  if (root !== null) throw new Error('metadata/2.root.json: is there, expected one root');
  return verifyRole(parseEnvelope(bytes), 'timestamp', roles.keys, roles.role, 'timestamp').value;
}

export async function readSnapshot(
  source: Source,
  roles: PlainRoles,
  timestamp: Timestamp,
): Promise<Snapshot> {
  const bytes = await fetchSnapshot(source, timestamp);
  return verifyRole(parseEnvelope(bytes), 'snapshot', roles.keys, roles.role, 'snapshot', LONG_LISTS).value;
}

/** The bytes that the timestamp names. */
export async function fetchSnapshot(source: Source, { snapshot }: Timestamp): Promise<Uint8Array> {
  const path = `metadata/${snapshot.version}.snapshot.json`;
  const bytes = await fetchFile(source, path);
  verifyContent(bytes, snapshot, path);
  return bytes;
}

export async function fetchFile(source: Source, path: string): Promise<Uint8Array> {
  const bytes = await source.fetch(path, MOST);
  if (bytes === null) throw new Error(`${path}: is not there`);
  return bytes;
}
