// The roles of a snapshot in one file (docs/pouf.md, section 2.3). Nothing in it is believed: its parts are cut out by the lengths,
// and must have the hashes, that the timestamp and the snapshot sign; then each takes the way that it takes when it comes alone.

import { isTufError } from '@cargo-tuf/errors';
import { BUNDLE_BYTES, unpackBundle, verifyContent } from '@cargo-tuf/metadata';
import type { SourceAhead } from './ahead.ts';
import { fail } from './errors.ts';
import { acceptSnapshot, metadataPath, namedInSnapshot, type TrustedMetadata } from './trusted.ts';
import type { SyncContext } from './workflow.ts';

/**
 * Asks for the bundle of the snapshot that the trusted timestamp names, and hands its parts to `source`. A repository or mirror
 * need not have one, and one that is not as signed is as good as none: the roles are then asked for one by one.
 */
export async function fetchBundle(
  context: SyncContext,
  source: SourceAhead,
  trusted: TrustedMetadata,
): Promise<void> {
  const version = trusted.timestamp?.value.snapshot.version ?? 0;
  const path = `metadata/${version}.bundle`;
  const { signal } = context;
  for (;;) {
    signal?.throwIfAborted();
    const bytes = await source.fetch(path, { maxLength: BUNDLE_BYTES, ...(signal && { signal }) });
    if (bytes === null) return;
    try {
      for (const [each, part] of partsOf(context, trusted, path, bytes)) source.give(each, part);
      return;
    } catch (error) {
      if (!isTufError(error)) throw error;
      if (!source.reject(path)) return;
    }
  }
}

/** Path to bytes of each role, in the order in which the bundle has them. */
function partsOf(
  { limits, mapRoles, time }: SyncContext,
  trusted: TrustedMetadata,
  path: string,
  bytes: Uint8Array,
): readonly (readonly [string, Uint8Array])[] {
  const content = unpackBundle(bytes);
  const parts: (readonly [string, Uint8Array])[] = [];
  let at = 0;
  const take = (length: number, limit: number): Uint8Array => {
    const part = content.slice(at, at + Math.min(length, limit));
    at += length;
    return part;
  };
  const { snapshot } = (trusted.timestamp as NonNullable<typeof trusted.timestamp>).value;
  const first = take(snapshot.length ?? 0, limits.snapshot);
  const next = acceptSnapshot(trusted, first, time);
  parts.push([metadataPath(trusted, 'snapshot', snapshot.version), first]);
  for (const name of ['targets', ...mapRoles]) {
    const file = namedInSnapshot(next, name);
    const part = take(file.length ?? 0, limits.targets);
    verifyContent(part, file, `${path}: ${name}`);
    parts.push([metadataPath(trusted, name, file.version), part]);
  }
  if (at === content.length) return parts;
  throw fail('CLIENT_MIX', `${path}: holds ${content.length} bytes, expected ${at}`);
}
