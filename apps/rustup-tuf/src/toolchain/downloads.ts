// Archives into rustup's folder of downloads, several at once. A file there has the name of its SHA-256 and is verified; what a
// download that was cut off has left is found by the next one.

import { setTimeout } from 'node:timers/promises';
import type { ReleasesSnapshot } from '@cargo-tuf/cargo-tuf-lib';
import type { Archive } from '@cargo-tuf/release-channel';
import type { FileProgress } from '../progress.ts';
import type { RustupHome } from '../home/rustup-home.ts';
import { openTurns } from './turns.ts';

export interface WantedArchive {
  /** For people: "rustc". */
  readonly label: string;
  readonly archive: Archive;
}

export interface Downloads {
  /** The verified file, in the order that was asked for. */
  readonly files: readonly Promise<string>[];
  /** Ends those that are under way, and resolves when all have. What they wrote is kept. */
  stop(): Promise<void>;
}

const AT_ONCE = 4;
/** Milliseconds that the first one, rustc, has the line for itself: it takes longest to unpack. */
const HEAD_START = 1000;

export function startDownloads(
  home: RustupHome,
  snapshot: ReleasesSnapshot,
  wanted: readonly WantedArchive[],
  progress: FileProgress,
): Downloads {
  const stopping = new AbortController();
  const { signal } = stopping;
  const inTurn = openTurns(AT_ONCE);
  const download = ({ label, archive }: WantedArchive): Promise<string> =>
    inTurn(async () => {
      signal.throwIfAborted();
      const file = `${home.downloads}/${archive.sha256}`;
      const bar = progress.begin(label);
      try {
        await snapshot.downloadArchive(archive, file, {
          signal,
          durable: false,
          onProgress: ({ received, total }) => bar.step(received, total),
        });
      } finally {
        bar.end();
      }
      return file;
    });
  const files: Promise<string>[] = [];
  let ahead: Promise<unknown> = Promise.resolve();
  for (const each of wanted) {
    const file = ahead.then(() => download(each));
    // Who waits for the first does not listen to the others yet.
    file.catch(() => undefined);
    if (files.length === 0) ahead = headStart(file, signal);
    files.push(file);
  }
  return {
    files,
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(files);
    },
  };
}

/** The end of the first download, or of its head start. */
function headStart(first: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const time = setTimeout(HEAD_START, undefined, { signal, ref: false });
  return Promise.race([first, time]).catch(() => undefined);
}
