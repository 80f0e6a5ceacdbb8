// HTTP/1.1 with the client of Node: one request at a time on a connection, connections kept for the next request.

import { type Agent, type ClientRequest, type IncomingMessage, request as startRequest } from 'node:http';
import { addressOf } from './addresses.ts';
import type { Channel, Listener, Transfer } from './channel.ts';
import { errorCode } from './request.ts';

/** `agent` makes the connections: over TLS where the origin is https. */
export function openHttp1(origin: URL, agent: Agent, headerBytes: number): Channel {
  const fixed = { agent, protocol: origin.protocol, ...addressOf(origin), maxHeaderSize: headerBytes };
  return {
    send: (path, headers, listener) => sendOver(() => startRequest({ ...fixed, path, headers }), listener),
    close: () => agent.destroy(),
  };
}

function sendOver(start: () => ClientRequest, listener: Listener): Transfer {
  let message: IncomingMessage | undefined;
  let aborted: Error | undefined;
  let isDone = false;
  const finish = (error?: Error): void => {
    if (isDone) return;
    isDone = true;
    if (error === undefined) listener.onEnd();
    else listener.onError(aborted ?? error);
  };
  const begin = (): ClientRequest => {
    const request = start();
    request.on('response', answer => {
      message = answer;
      listener.onAnswer(answer.statusCode ?? 0, answer.headers);
      answer.on('data', listener.onData);
      answer.on('end', finish);
      answer.on('error', finish);
      answer.on('close', () => isDone || finish(new Error('connection closed within the body')));
    });
    request.on('error', error => {
      if (message === undefined && aborted === undefined && wasClosedBefore(request, error)) sent = begin();
      else finish(error);
    });
    request.end();
    return request;
  };
  let sent = begin();
  return {
    pause: () => message?.pause(),
    resume: () => message?.resume(),
    abort: reason => {
      aborted = reason;
      sent.destroy(reason);
    },
  };
}

/** The server closed a connection that was kept just as it was used again: the request never arrived. */
function wasClosedBefore(request: ClientRequest, error: Error): boolean {
  return request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(errorCode(error));
}
