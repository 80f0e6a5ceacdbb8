// HTTP/2 with the client of Node: many requests at once on one connection.

import { connect, constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Channel, Headers, Listener, Transfer } from './channel.ts';
import type { HttpLimits } from './limits.ts';

/**
 * Bytes that a server may send before it hears from us: of one answer, and of all of them. The defaults of the protocol, 64 KiB
 * each, are 1 MiB/s at 60 ms.
 */
const STREAM_WINDOW = 1024 * 1024;
const SESSION_WINDOW = 16 * 1024 * 1024;

/** `socket`: a connection over TLS on which both sides agreed on "h2". `onClosed`: it takes no more requests. */
export function openHttp2(
  origin: URL,
  socket: Duplex,
  limits: Pick<HttpLimits, 'headerBytes' | 'streams'>,
  onClosed: () => void,
): Channel {
  const session = connect(origin, {
    createConnection: () => socket,
    // Until the server says how many.
    peerMaxConcurrentStreams: limits.streams,
    settings: {
      enablePush: false,
      initialWindowSize: STREAM_WINDOW,
      maxHeaderListSize: limits.headerBytes,
    },
  });
  let running = 0;
  let cause: Error | undefined;
  session.on('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
  session.on('error', (error: Error) => {
    cause = error;
  });
  session.on('goaway', onClosed);
  session.on('close', onClosed);
  session.unref();
  return {
    send: (path, headers, listener) => {
      const stream = session.request({ ...headers, ':path': path }, { endStream: true });
      // A connection that nobody uses does not keep the process.
      if (running === 0) session.ref();
      running += 1;
      stream.on('close', () => {
        running -= 1;
        if (running === 0) session.unref();
      });
      return listenTo(stream, listener, { headerBytes: limits.headerBytes, cause: () => cause });
    },
    close: () => session.destroy(new Error('connections closed'), constants.NGHTTP2_CANCEL),
  };
}

function listenTo(
  stream: ReturnType<ReturnType<typeof connect>['request']>,
  listener: Listener,
  session: { readonly headerBytes: number; readonly cause: () => Error | undefined },
): Transfer {
  let isDone = false;
  const finish = (error?: Error): void => {
    if (isDone) return;
    isDone = true;
    if (error === undefined) listener.onEnd();
    else listener.onError(error);
  };
  const abort = (reason: Error): void => {
    finish(reason);
    stream.close(constants.NGHTTP2_CANCEL);
  };
  stream.on('response', ({ ':status': status, ...headers }) => {
    // Node keeps to the setting only once the server has confirmed it.
    if (lengthOf(headers) > session.headerBytes) return abort(new Error('more headers than the limit'));
    listener.onAnswer(status ?? 0, headers);
  });
  stream.on('data', (chunk: Uint8Array) => listener.onData(chunk));
  // A stream that is reset ends as well: only what was not aborted is whole.
  stream.on('end', () => {
    if (!stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR) finish();
  });
  stream.on('error', finish);
  stream.on('close', () => isDone || finish(session.cause() ?? new Error('stream closed')));
  return {
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    abort,
  };
}

function lengthOf(headers: Headers): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
}
