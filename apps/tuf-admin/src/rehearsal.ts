// Before the timestamp is swapped, our own client syncs from the state that it last accepted to the one that is about to be
// published. What it refuses is not published: versions that fall because the files are from a backup, keys that do not
// fit, an expiry in the past. The state that it accepted is kept in `DIR/state`.

import { openClient, openMemoryStore, type Source, type Store } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import type { PublishedBytes } from '@cargo-tuf/repository';
import { fail } from './errors.ts';

/**
 * The same bytes. The timestamp, and a root, which clients follow at once, are written only after a rehearsal: a root that
 * does not fit the timestamp that stands waits for the one that comes.
 */
export function rehearsing(bytes: PublishedBytes, kept: Store, clock: () => number): PublishedBytes {
  const roots = new Map<string, Uint8Array>();
  return {
    get: path => bytes.get(path),
    // Content, to which no client is led before the timestamp.
    ...(bytes.putManyIfAbsent && { putManyIfAbsent: bytes.putManyIfAbsent.bind(bytes) }),
    putIfAbsent: async (path, content) => {
      if (!/^metadata\/\d+\.root\.json$/.test(path) || (await bytes.get(path)) !== null)
        return bytes.putIfAbsent(path, content);
      try {
        await rehearse(bytes, new Map([[path, content]]), kept, clock);
      } catch (error) {
        if (!isTufError(error, 'ADMIN_CLIENT_REFUSES')) throw error;
        roots.set(path, content);
        return 'done';
      }
      return bytes.putIfAbsent(path, content);
    },
    compareAndSwap: async (path, content, tag) => {
      const next = new Map(roots).set(path, content);
      const accepted = await rehearse(bytes, next, kept, clock);
      for (const [root, rootContent] of roots) {
        if ((await bytes.putIfAbsent(root, rootContent)) === 'conflict') return 'conflict';
      }
      roots.clear();
      const result = await bytes.compareAndSwap(path, content, tag);
      if (result === 'done') await keepDocuments(kept, accepted);
      return result;
    },
  };
}

/** The state of a client that follows from the kept state to what would be published. */
async function rehearse(
  bytes: PublishedBytes,
  next: ReadonlyMap<string, Uint8Array>,
  kept: Store,
  clock: () => number,
): Promise<Store> {
  const source: Source = {
    fetch: async path => next.get(path) ?? (await bytes.get(path))?.bytes ?? null,
  };
  const store = openMemoryStore();
  await store.replace(0, (await kept.read()).documents);
  const root = await source.fetch('metadata/1.root.json', { maxLength: Number.MAX_SAFE_INTEGER });
  try {
    await openClient({ root: root ?? new Uint8Array(0), source, store, clock }).sync();
  } catch (cause) {
    if (!isTufError(cause)) throw cause;
    // Auditors countersign what stands; were it not published until they did, they would never get to see it. All else was
    // accepted before a client counts them.
    if (cause.code === 'CLIENT_AUDITORS') return store;
    throw fail('ADMIN_CLIENT_REFUSES', `publish: clients would refuse it: ${cause.message}`, {
      cause,
      details: { ...cause.details, refusal: cause.code },
    });
  }
  return store;
}

async function keepDocuments(kept: Store, accepted: Store): Promise<void> {
  const { documents } = await accepted.read();
  const before = await kept.read();
  const changes = new Map<string, Uint8Array | null>(documents);
  for (const name of before.documents.keys()) if (!documents.has(name)) changes.set(name, null);
  await kept.replace(before.revision, changes);
}
