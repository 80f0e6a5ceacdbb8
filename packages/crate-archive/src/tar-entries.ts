import { escapeText } from '@cargo-tuf/errors';
import { ByteQueue } from './byte-queue.ts';
import { fail } from './errors.ts';
import { checkLimit, type CrateArchiveLimits } from './limits.ts';
import { checkAgreement, decodeExtendedHeader, decodeLongName } from './long-name.ts';
import { BLOCK, decodeTarHeader, type TarHeader } from './tar-header.ts';

export interface TarEntry {
  /** As the archive has it; a folder may end in a slash. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  /** To be read to its end before the next entry. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** The files and folders of any tar, as strictly as a crate's. Its paths are the caller's to judge. Throws as `tarEntries`. */
export async function* readTar(
  pieces: AsyncIterable<Uint8Array>,
  limits: TarLimits,
): AsyncGenerator<TarEntry> {
  const queue = new ByteQueue(pieces[Symbol.asyncIterator]());
  try {
    yield* tarEntries(queue, limits);
  } finally {
    await queue.close();
  }
}

export type TarLimits = Pick<CrateArchiveLimits, 'entries' | 'pathBytes'>;

/**
 * The files and folders of a tar, in order. Throws `CRATE_TAR`, `CRATE_ENTRY_KIND`, `CRATE_ENTRY_MODE`, `CRATE_LIMIT`.
 *
 * 1. an entry is a file, a folder, or a long name for the entry after it
 * 2. blocks are padded with zeros; two blocks of zeros end the archive, and only zeros follow
 */
export async function* tarEntries(queue: ByteQueue, limits: TarLimits): AsyncGenerator<TarEntry> {
  let naming: { readonly path: string | undefined } | undefined;
  for (let count = 0; ; ) {
    const header = decodeTarHeader(await queue.take(BLOCK));
    if (header === undefined) break;
    if (header.kind === 'L' || header.kind === 'x') {
      if (naming !== undefined) throw fail('CRATE_TAR', 'tar: two long names for one entry');
      naming = { path: await readLongName(header, queue, limits) };
      continue;
    }
    count += 1;
    checkLimit('entries', count, limits.entries);
    if (naming?.path !== undefined) checkAgreement(naming.path, header.name);
    yield entryOf(header, naming?.path ?? header.name, queue);
    await skipPadding(queue, header.size);
    naming = undefined;
  }
  if (naming !== undefined) throw fail('CRATE_TAR', 'tar: long name without an entry');
  await expectEnd(queue);
}

/** Undefined for an extended header that leaves the name alone. */
async function readLongName(
  { kind, size }: TarHeader,
  queue: ByteQueue,
  limits: TarLimits,
): Promise<string | undefined> {
  checkLimit('bytes of a long name', size, limits.pathBytes);
  const content = await queue.take(size);
  await skipPadding(queue, size);
  return kind === 'L' ? decodeLongName(content) : decodeExtendedHeader(content);
}

function entryOf(header: TarHeader, path: string, queue: ByteQueue): TarEntry {
  const { kind, mode, size } = header;
  if (kind !== '0' && kind !== '\0' && kind !== '5') {
    throw fail(
      'CRATE_ENTRY_KIND',
      `${escapeText(path)}: tar entry of type "${escapeText(kind)}", expected 0 or 5`,
      {
        details: { path, kind },
      },
    );
  }
  if (kind === '5' && size !== 0) throw fail('CRATE_TAR', `${escapeText(path)}: folder of ${size} bytes`);
  checkMode(path, mode, kind === '5' ? FOLDER_TYPE : FILE_TYPE);
  return {
    path,
    kind: kind === '5' ? 'folder' : 'file',
    mode: mode % 0o1000,
    size,
    content: queue.stream(size),
  };
}

const FILE_TYPE = 0o10;
const FOLDER_TYPE = 0o4;

/** Some writers put the file type of stat(2) above the permission bits; it must then be the right one. */
function checkMode(path: string, mode: number, fileType: number): void {
  const type = Math.floor(mode / 0o10000);
  if ((mode & 0o7000) === 0 && (type === 0 || type === fileType)) return;
  throw fail('CRATE_ENTRY_MODE', `${escapeText(path)}: mode 0${mode.toString(8)}, expected 0777 at most`, {
    details: { path, mode },
  });
}

async function skipPadding(queue: ByteQueue, size: number): Promise<void> {
  const padding = await queue.take((BLOCK - (size % BLOCK)) % BLOCK);
  if (padding.some(byte => byte !== 0)) throw fail('CRATE_TAR', 'tar: bytes between two entries');
}

async function expectEnd(queue: ByteQueue): Promise<void> {
  const second = await queue.take(BLOCK);
  let isZero = second.every(byte => byte === 0);
  for (let rest = await queue.some(BLOCK); rest !== undefined; rest = await queue.some(BLOCK)) {
    isZero &&= rest.every(byte => byte === 0);
  }
  if (!isZero) throw fail('CRATE_TAR', 'tar: bytes after the end of the archive');
}
