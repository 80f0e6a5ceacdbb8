// The connections that requests use: one channel for each origin. What makes them is loaded with the first request: a program that
// only looks at what it has pays nothing.

import type { Channel } from './channel.ts';
import type { HttpLimits } from './limits.ts';
import type { Environment, ProxyOption } from './proxy.ts';

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
    const channel = import('./open-channel.ts').then(({ openChannel }) =>
      openChannel(new URL(url.origin), this.#options, forget),
    );
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
}
