// Archives of rust-installer, made byte by byte, so that they can be wrong in every way.

import { gzipSync } from 'node:zlib';

export interface TarItem {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** "0" a file, "5" a folder, "1" a hard link, "2" a link, "3" a device. */
  readonly kind?: string;
  readonly mode?: number;
  readonly link?: string;
  /** Instead of the content's length. */
  readonly size?: number;
}

const BLOCK = 512;

export function tar(items: readonly TarItem[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const item of items) {
    const { content = '' } = item;
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    blocks.push(
      header(item, item.size ?? bytes.length),
      bytes,
      new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK),
    );
  }
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]));
}

function header({ path, kind = '0', mode = 0o644, link = '' }: TarItem, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100);
  block.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  block.write(`${'0'.repeat(7)}\0${'0'.repeat(7)}\0`, 108);
  block.write(`${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124);
  block.write(kind, 156);
  block.write(link, 157, 100);
  block.write('ustar\0' + '00', 257);
  block.write(' '.repeat(8), 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

export const TOP = 'tool-1.0.0-x86_64-unknown-linux-gnu';

/** A component `tool` with two files and a folder; `items` come after them, below its folder. */
export function toolArchive(
  items: readonly TarItem[] = [],
  manifest = 'file:bin/tool\ndir:share/tool\n',
): Uint8Array {
  return tar([
    { path: `${TOP}/`, kind: '5', mode: 0o755 },
    { path: `${TOP}/rust-installer-version`, content: '3\n' },
    { path: `${TOP}/components`, content: 'tool\n' },
    { path: `${TOP}/install.sh`, content: '#!/bin/sh\nexit 1\n', mode: 0o755 },
    { path: `${TOP}/tool/manifest.in`, content: manifest },
    { path: `${TOP}/tool/bin/tool`, content: '#!/bin/sh\necho tool\n', mode: 0o755 },
    { path: `${TOP}/tool/share/tool/a.txt`, content: 'a' },
    { path: `${TOP}/tool/share/tool/deep/b.txt`, content: 'b' },
    ...items.map(item => ({ ...item, path: `${TOP}/tool/${item.path}` })),
  ]);
}

export function gzip(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}
