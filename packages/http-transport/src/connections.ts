// The connections that requests use: direct, or through a proxy; one channel for each origin and way. Which protocol it speaks
// shows when its first connection stands.

import type { Channel } from './channel.ts';
import { openConnector } from './connect.ts';
import { openHttp1 } from './http1.ts';
import type { HttpLimits } from './limits.ts';
import { limitTransfers } from './queue.ts';
import { type Environment, type ProxyOption, proxyFor } from './proxy.ts';

export interface ConnectionOptions {
  readonly proxy: ProxyOption;
  readonly environment: Environment;
  /** PEM certificates that stand in place of the built-in authorities. */
  readonly ca: string | undefined;
  readonly allowHttp2: boolean;
  readonly limits: HttpLimits;
}

export class Connections {
  readonly #options: ConnectionOptions;
  /** By origin. */
  readonly #channels = new Map<string, Promise<Channel>>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  to(url: URL): Promise<Channel> {
    const known = this.#channels.get(url.origin);
    if (known !== undefined) return known;
    const forget = (): void => {
      if (this.#channels.get(url.origin) === channel) this.#channels.delete(url.origin);
    };
    const channel = this.#open(new URL(url.origin), forget);
    this.#channels.set(url.origin, channel);
    channel.catch(forget);
    return channel;
  }

  /** Ends every transfer. */
  async close(): Promise<void> {
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    await Promise.allSettled(channels.map(async channel => (await channel).close()));
  }

  async #open(origin: URL, forget: () => void): Promise<Channel> {
    const { limits, ca, allowHttp2, environment } = this.#options;
    const proxy = proxyFor(origin, this.#options.proxy, environment) ?? '';
    const connector = await openConnector(origin, { proxy, ca, connectMs: limits.connectMs });
    if (allowHttp2 && origin.protocol === 'https:') {
      const socket = await connector.connect(['h2', 'http/1.1']);
      if (socket.alpnProtocol === 'h2') {
        const { openHttp2 } = await import('./http2.ts');
        return limitTransfers(openHttp2(origin, socket, limits, forget), limits.streams);
      }
      connector.adopt(socket);
    }
    return limitTransfers(openHttp1(origin, connector.agent, limits.headerBytes), limits.connections);
  }
}
