import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { HEADER_BYTES, HEADER_COUNT, type ProxyLimits } from './limits.ts';

/** A request of HTTP/2, with the names that Node gives to the parts of one of HTTP/1.1. */
export interface Http2Request {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly httpVersion: '2.0';
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly stream: ServerHttp2Stream;
}

/** Serves sockets that are given to it as `connection`; it listens nowhere. */
export function openHttp2Server(limits: ProxyLimits, serve: (request: Http2Request) => void): Http2Server {
  const server = createServer({
    settings: {
      enablePush: false,
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: HEADER_BYTES,
    },
    maxHeaderListPairs: HEADER_COUNT,
  });
  server.on('session', session => {
    session.setTimeout(limits.idle, () => session.destroy());
  });
  const take = (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    _: number,
    rawHeaders: readonly string[],
  ): void => {
    // A client that goes away is no defect.
    stream.on('error', () => undefined);
    const { ':method': method, ':path': url } = headers;
    serve({ method, url, httpVersion: '2.0', headers, rawHeaders, stream });
  };
  return server.on('stream', take);
}
