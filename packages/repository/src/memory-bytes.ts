import { encodeHex, equalBytes, sha256 } from '@cargo-tuf/keys';
import type { PrunableBytes } from './published-bytes.ts';

/** Published files in memory, for tests and simulations. `files` is the live content. */
export function openMemoryBytes(): PrunableBytes & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  const tagOf = (bytes: Uint8Array | undefined): string | null => (bytes ? encodeHex(sha256(bytes)) : null);
  return {
    files,
    get: async path => {
      const bytes = files.get(path);
      return bytes === undefined ? null : { bytes, tag: tagOf(bytes) as string };
    },
    putIfAbsent: async (path, bytes) => {
      const present = files.get(path);
      if (present !== undefined) return equalBytes(present, bytes) ? 'same' : 'conflict';
      files.set(path, bytes);
      return 'done';
    },
    compareAndSwap: async (path, bytes, tag) => {
      if (tagOf(files.get(path)) !== tag) return 'conflict';
      files.set(path, bytes);
      return 'done';
    },
    list: async folder => {
      const names = [...files.keys()].filter(path => path.startsWith(`${folder}/`));
      return names.map(path => path.slice(folder.length + 1)).filter(name => !name.includes('/'));
    },
    size: async path => files.get(path)?.length ?? null,
    remove: async path => void files.delete(path),
    sync: async () => undefined,
  };
}
