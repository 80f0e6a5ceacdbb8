import {
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { HEADER_BYTES, HEADER_COUNT, type ProxyLimits } from './limits.ts';

/** Serves sockets that are given to it as `connection`; it listens nowhere. */
export function openHttp2Server(
  limits: ProxyLimits,
  serve: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): Http2Server {
  const server = createServer(
    {
      settings: {
        enablePush: false,
        maxConcurrentStreams: limits.streams,
        maxHeaderListSize: HEADER_BYTES,
      },
      maxHeaderListPairs: HEADER_COUNT,
    },
    serve,
  );
  return server.on('session', session => {
    session.setTimeout(limits.idle, () => session.destroy());
  });
}
