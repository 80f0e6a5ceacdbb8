import type { Exchange } from './exchange.ts';

/** The bytes of a small file in one piece. `onBytes` is told how many there are so far. */
export async function readWhole(
  exchange: Exchange,
  onBytes: (received: number) => void,
): Promise<Uint8Array> {
  const { body, total } = exchange;
  let bytes = new Uint8Array(total ?? 0);
  let received = 0;
  try {
    for (;;) {
      if (!body.isReady) await body.wait();
      const chunk = body.take();
      if (chunk === undefined) break;
      if (received + chunk.length > bytes.length) bytes = grown(bytes, received + chunk.length);
      bytes.set(chunk, received);
      received += chunk.length;
      onBytes(received);
    }
  } finally {
    body.leave();
  }
  return received === bytes.length ? bytes : bytes.slice(0, received);
}

function grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(least, bytes.length * 2));
  larger.set(bytes);
  return larger;
}
