import type { Store } from '@cargo-tuf/client';

/** A store whose cache is written behind its caller, who needs the verified bytes and not the file. */
export interface DeferredStore extends Store {
  /** Resolves when all bytes that were to be kept are. */
  settled(): Promise<void>;
}

/** Writing begins when nothing was kept for so many milliseconds: the disk is not in the way of what cargo waits for. */
const QUIET = 150;
/** Bytes that wait in memory before a caller has to wait for the disk. */
const WAITING = 32 * 1024 * 1024;

interface Kept {
  readonly kind: string;
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/**
 * Trusted documents are written as before. Only `keep` returns early; what could not be written, or what a process that
 * was killed had not written yet, is fetched again the next time.
 */
export function deferKeeping(store: Store): DeferredStore {
  const waiting = new Map<string, Kept>();
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const writeAll = async (): Promise<void> => {
    for (const [id, { kind, hash, bytes }] of waiting) {
      await store.keep(kind, hash, bytes).catch(() => undefined);
      waiting.delete(id);
      size -= bytes.length;
    }
    writing = undefined;
  };
  const write = (): Promise<void> => {
    clearTimeout(timer);
    writing ??= writeAll();
    return writing;
  };
  return {
    read: () => store.read(),
    replace: (expected, changes) => store.replace(expected, changes),
    cached: async (kind, hash) => waiting.get(`${kind}/${hash}`)?.bytes ?? store.cached(kind, hash),
    keep: async (kind, hash, bytes) => {
      const id = `${kind}/${hash}`;
      if (waiting.has(id)) return;
      waiting.set(id, { kind, hash, bytes });
      size += bytes.length;
      if (size > WAITING) return write();
      clearTimeout(timer);
      timer = setTimeout(() => void write(), QUIET);
    },
    settled: write,
  };
}
