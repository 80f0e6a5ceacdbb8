// Connections that stand, TLS included: direct, or through a proxy that tunnels.
//
//   CONNECT mirror.example:443 HTTP/1.1
//   host: mirror.example:443
//   proxy-authorization: Basic dXNlcjpwYXNz

import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import { isIP } from 'node:net';
import { addressOf } from './addresses.ts';
import { withinTime } from './time-limit.ts';

export interface ConnectOptions {
  /** The proxy's address; the empty text is no proxy. */
  readonly proxy: string;
  /** PEM certificates that stand in place of the built-in authorities. */
  readonly ca: string | undefined;
  readonly connectMs: number;
}

/** An agent of Node whose connections stand before they are used, within the time limit. */
export interface Connector {
  readonly agent: Agent;
  /** A connection outside of the agent, or for it: `adopt` gives it one. */
  connect(protocols: readonly string[]): Promise<Duplex & { readonly alpnProtocol?: string | false | null }>;
  adopt(socket: Duplex): void;
}

export async function openConnector(origin: URL, options: ConnectOptions): Promise<Connector> {
  const isSecure = origin.protocol === 'https:';
  const rules = { keepAlive: true };
  const ca = options.ca === undefined ? {} : { ca: options.ca };
  const agent = isSecure ? new (await import('node:https')).Agent({ ...rules, ...ca }) : new Agent(rules);
  const create = agent.createConnection.bind(agent);
  const spare: Duplex[] = [];

  /** `target`: what Node's agent asks for, or the like of it. */
  const stand = async (
    target: Parameters<typeof create>[0],
    onSocket: (socket: Duplex) => void,
  ): Promise<Duplex> => {
    const tunnel = options.proxy === '' ? undefined : await openTunnel(new URL(options.proxy), origin, ca);
    if (tunnel !== undefined && !isSecure) return tunnel;
    const socket = create(tunnel === undefined ? target : Object.assign({}, target, { socket: tunnel }));
    if (socket === null || socket === undefined) throw new Error('no connection');
    onSocket(socket);
    return standing(socket, isSecure ? 'secureConnect' : 'connect');
  };
  const inTime = (target: Parameters<typeof create>[0]): Promise<Duplex> => {
    let isLate = false;
    let begun: Duplex | undefined;
    const connecting = stand(target, socket => {
      begun = socket;
    });
    connecting.then(socket => isLate && socket.destroy()).catch(() => undefined);
    return withinTime(connecting, options.connectMs, () => {
      isLate = true;
      begun?.destroy();
      return Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' });
    });
  };
  agent.createConnection = (target, done = () => undefined) => {
    const kept = spare.pop();
    if (kept !== undefined && !kept.destroyed) return kept;
    inTime(target).then(
      socket => done(null, socket),
      // Node's types want a stream where there is none.
      (error: Error) => done(error, undefined as unknown as Duplex),
    );
    return undefined;
  };
  return {
    agent,
    connect: protocols => {
      const { host, port } = addressOf(origin);
      return inTime({
        host,
        port,
        ...Object.assign(
          { noDelay: true, ...ca },
          { ALPNProtocols: protocols, servername: isIP(host) ? '' : host },
        ),
      });
    },
    adopt: socket => spare.push(socket),
  };
}

function standing(socket: Duplex, event: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const close = (): void => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    socket.once('error', fail);
    socket.once('close', close);
    socket.once(event, () => {
      socket.off('error', fail);
      socket.off('close', close);
      resolve(socket);
    });
  });
}

async function openTunnel(proxy: URL, origin: URL, ca: { readonly ca?: string }): Promise<Duplex> {
  const { request } = proxy.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const target = `${origin.hostname}:${addressOf(origin).port}`;
  return new Promise((resolve, reject) => {
    const asked = request({
      ...addressOf(proxy),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization(proxy) },
      agent: false,
      ...ca,
    });
    asked.on('error', reject);
    asked.on('connect', ({ statusCode }, socket, head) => {
      if (statusCode === 200 && head.length === 0) return resolve(socket);
      socket.destroy();
      reject(Object.assign(new Error('refused by the proxy'), { code: `PROXY_STATUS_${statusCode}` }));
    });
    asked.end();
  });
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}
