import type { Readable } from 'node:stream';

/** Bytes that wait for their reader before the stream is paused. */
const WAITING = 1024 * 1024;

/** What a stream gives, whatever comes in one turn of the event loop together: for programs that write 64 KiB at a time. */
export async function* readTogether(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let isOpen = !stream.closed;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const wakeReader = (): void => {
    if (wake !== undefined) setImmediate(wake);
    wake = undefined;
  };
  stream.on('data', (piece: Uint8Array) => {
    pieces.push(piece);
    length += piece.length;
    if (length >= WAITING) stream.pause();
    wakeReader();
  });
  stream.on('error', error => {
    failure = error;
    wakeReader();
  });
  stream.on('close', () => {
    isOpen = false;
    wakeReader();
  });
  try {
    for (;;) {
      while (length === 0) {
        if (failure !== undefined) throw failure;
        if (!isOpen) return;
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
      const taken = pieces;
      [pieces, length] = [[], 0];
      if (stream.isPaused()) stream.resume();
      yield taken.length === 1 ? (taken[0] as Uint8Array) : Buffer.concat(taken);
    }
  } finally {
    // A paused stream would keep its process from ending.
    stream.destroy();
  }
}
