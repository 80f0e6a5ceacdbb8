// Targets in pieces, so that a large one never lies in memory.
//
//  1. Length and hashes are computed while the bytes pass. More bytes than were signed end the transfer at once.
//  2. The last piece is held back until the whole is verified: who sees the end has seen the signed bytes, and nobody sees
//     all of what was not signed.
//  3. Pieces that were given out cannot be taken back. A stream that turns out wrong throws, and its mirror is rejected, so
//     that the next one asks another. A download to a destination starts again by itself.

import { isTufError } from '@cargo-tuf/errors';
import { type ContentCheck, createContentCheck } from '@cargo-tuf/metadata';
import { isContent, type PlacedContent } from './content.ts';
import type { Destination } from './destination.ts';
import { fail } from './errors.ts';
import { fetchAccepted } from './fetch.ts';
import type { SnapshotContext } from './snapshot.ts';
import type { AbortSignal, Source } from './source.ts';

export interface DownloadProgress {
  /** Bytes of the file so far, those that were left over included. Never falls. */
  readonly received: number;
  /** Undefined as long as nobody has told it: of a file whose length is not signed. */
  readonly total: number | undefined;
}

export interface DownloadSettings {
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stops this download; stands in place of the client's own. */
  readonly signal?: AbortSignal;
}

export interface StreamSettings extends DownloadSettings {
  /** The first bytes of the target, where the caller has them: they are checked with the rest, and not given again. */
  readonly resume?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The content of a target, verified as a whole before the last piece is given. */
export async function* streamContent(
  context: SnapshotContext,
  file: PlacedContent,
  settings: StreamSettings,
): AsyncGenerator<Uint8Array, void, undefined> {
  const progress = openProgress(file, settings);
  let check = createContentCheck(file, file.subject);
  let known = 0;
  for await (const chunk of settings.resume ?? []) {
    check.update(chunk);
    known += chunk.length;
    progress.received(known);
  }
  for (let given = false; ; check = createContentCheck(file, file.subject)) {
    const chunks = openChunks(context, file, known, settings, progress.total);
    try {
      for await (const chunk of checkChunks(chunks, check, count => progress.received(known + count))) {
        given = true;
        yield chunk;
      }
      return;
    } catch (error) {
      // What the caller had may be what is wrong: no mirror is rejected for it.
      const another = isWrong(error) && known === 0 && rejectMirror(context, file, error);
      if (given || !another) throw error;
    }
  }
}

/** The verified content of a target at its destination, which is left as it is where it has that content already. */
export async function downloadContent(
  context: SnapshotContext,
  file: PlacedContent,
  destination: Destination,
  settings: DownloadSettings,
): Promise<void> {
  const progress = openProgress(file, settings);
  const signal = settings.signal ?? context.signal;
  const present = await destination.present(file.length);
  if (present !== null && (await isContentOf(present, file, signal))) {
    progress.received(file.length ?? 0);
    return;
  }
  try {
    await receive(context, file, destination, { ...settings, ...(signal && { signal }) }, progress);
    await destination.complete();
  } catch (error) {
    await destination.abandon({ keep: !isTufError(error) || error.kind === 'unavailable' });
    throw error;
  }
}

/** Goes from mirror to mirror until the content is the signed one. */
async function receive(
  context: SnapshotContext,
  file: PlacedContent,
  destination: Destination,
  settings: DownloadSettings,
  progress: TransferProgress,
): Promise<void> {
  let leftOver = await destination.leftOver(file.length);
  let changed = false;
  for (;;) {
    const check = createContentCheck(file, file.subject);
    const chunks = openAll(context, file, leftOver, settings, progress.total);
    try {
      let received = 0;
      for await (const chunk of chunks) {
        check.update(chunk);
        await destination.write(chunk);
        received += chunk.length;
        progress.received(received);
      }
      check.end();
      return;
    } catch (error) {
      if (!isTufError(error)) throw error;
      const again = isWrong(error)
        ? leftOver !== null || rejectMirror(context, file, error)
        : error.kind === 'conflict' && !changed;
      if (!again) throw error;
      changed ||= error.kind === 'conflict';
      leftOver = null;
      await destination.restart();
    }
  }
}

/** Gives every piece but the last as it comes, and the last when all of them were checked. */
async function* checkChunks(
  chunks: AsyncIterable<Uint8Array>,
  check: ContentCheck,
  progress: (received: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    check.update(chunk);
    received += chunk.length;
    if (last !== undefined) yield last;
    last = chunk;
    progress(received);
  }
  check.end();
  if (last !== undefined) yield last;
}

async function* openAll(
  context: SnapshotContext,
  file: PlacedContent,
  leftOver: AsyncIterable<Uint8Array> | null,
  settings: DownloadSettings,
  onTotal: (total: number | undefined) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let known = 0;
  if (leftOver !== null) {
    for await (const chunk of leftOver) {
      settings.signal?.throwIfAborted();
      known += chunk.length;
      yield chunk;
    }
  }
  yield* openChunks(context, file, known, settings, onTotal);
}

/** The bytes from `known` on: those that this machine keeps where they are the content, else a mirror's. */
async function* openChunks(
  context: SnapshotContext,
  file: PlacedContent,
  known: number,
  settings: DownloadSettings,
  onTotal: (total: number | undefined) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { source, store, limits } = context;
  const { subject, length, hashes } = file;
  const signal = settings.signal ?? context.signal;
  if (known >= (length ?? Number.POSITIVE_INFINITY)) return;
  const sha256 = hashes.get('sha256');
  const kept = sha256 === undefined ? null : await store.cached('target', sha256);
  if (kept !== null && isContent(kept, file, subject)) {
    yield kept.subarray(known);
    return;
  }
  if (source === undefined) {
    throw fail('CLIENT_OFFLINE', `${subject}: not on this machine, and this run is offline`);
  }
  const limit = source.download === undefined ? limits.target : limits.download;
  if ((length ?? 0) > limit) {
    throw fail('CLIENT_TOO_LARGE', `${subject}: ${length} bytes, expected at most ${limit}`, {
      details: { path: subject, length: length ?? null, limit },
    });
  }
  for await (const chunk of openSource(source, file, { limit, known, signal, onTotal })) {
    signal?.throwIfAborted();
    yield chunk;
  }
}

interface Transfer {
  /** Bytes of the whole file at most, where its length is not signed. */
  readonly limit: number;
  readonly known: number;
  readonly signal: AbortSignal | undefined;
  readonly onTotal: (total: number | undefined) => void;
}

async function* openSource(
  source: Source,
  { from, length }: PlacedContent,
  { limit, known, signal, onTotal }: Transfer,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const maxLength = length ?? limit;
  if (source.download !== undefined) {
    yield* source.download(from, {
      maxLength,
      resume: known,
      ...(length === undefined ? { onProgress: ({ total }) => onTotal(total) } : { expectedLength: length }),
      ...(signal && { signal }),
    });
    return;
  }
  const bytes = await fetchAccepted(source, from, maxLength, 'it is signed', each => each, signal);
  yield bytes.subarray(known);
}

async function isContentOf(
  chunks: AsyncIterable<Uint8Array>,
  file: PlacedContent,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const check = createContentCheck(file, file.subject);
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      check.update(chunk);
    }
    check.end();
    return true;
  } catch (error) {
    if (isWrong(error)) return false;
    throw error;
  }
}

/** True when another mirror can be asked. */
function rejectMirror({ source }: SnapshotContext, file: PlacedContent, reason: unknown): boolean {
  return source?.reject?.(file.from, reason) === true;
}

/** The bytes came, and they are not the content. */
function isWrong(error: unknown): boolean {
  return isTufError(error, 'METADATA_LENGTH', 'METADATA_HASH');
}

interface TransferProgress {
  readonly received: (bytes: number) => void;
  /** What a server says of the length where it is not signed. */
  readonly total: (bytes: number | undefined) => void;
}

/** Tells of what is higher than before: a file that is fetched once more does not go backwards. */
function openProgress({ length }: PlacedContent, { onProgress }: DownloadSettings): TransferProgress {
  let highest = -1;
  let total = length;
  return {
    received: bytes => {
      if (bytes <= highest) return;
      highest = bytes;
      onProgress?.({ received: bytes, total });
    },
    total: bytes => {
      total = bytes;
    },
  };
}
