import type { Channel, Transfer } from './channel.ts';

/**
 * A channel that sends at most `limit` requests at once; the others wait. The agents of Node have such a limit as well, and do
 * not count connections that are still to stand.
 */
export function limitTransfers(channel: Channel, limit: number): Channel {
  const running = new Set<Transfer>();
  /** With what starts each. */
  const waiting = new Map<Transfer, () => void>();
  const finish = (transfer: Transfer): void => {
    running.delete(transfer);
    // The connection is free only after what its answer's end sets off.
    if (waiting.size > 0) queueMicrotask(startNext);
  };
  const startNext = (): void => {
    const [next] = waiting;
    if (next === undefined || running.size >= limit) return;
    const [transfer, start] = next;
    waiting.delete(transfer);
    start();
  };
  return {
    send: (path, headers, listener) => {
      let sent: Transfer | undefined;
      const transfer: Transfer = {
        pause: () => sent?.pause(),
        resume: () => sent?.resume(),
        abort: reason => {
          if (sent !== undefined) sent.abort(reason);
          else if (waiting.delete(transfer)) listener.onError(reason);
        },
      };
      const start = (): void => {
        running.add(transfer);
        const onError = (error: Error): void => {
          finish(transfer);
          listener.onError(error);
        };
        try {
          sent = channel.send(path, headers, {
            ...listener,
            onEnd: () => {
              finish(transfer);
              listener.onEnd();
            },
            onError,
          });
        } catch (error) {
          // A connection of HTTP/2 that ended while the request waited.
          queueMicrotask(() => onError(error as Error));
        }
      };
      if (running.size < limit) start();
      else waiting.set(transfer, start);
      return transfer;
    },
    close: () => {
      for (const transfer of [...waiting.keys(), ...running]) transfer.abort(new Error('connections closed'));
      channel.close();
    },
  };
}
