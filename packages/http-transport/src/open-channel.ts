// Direct, or through a proxy; which protocol an origin speaks shows when the first connection stands.

import type { Channel } from './channel.ts';
import { openConnector } from './connect.ts';
import type { ConnectionOptions } from './connections.ts';
import { openHttp1 } from './http1.ts';
import { proxyFor } from './proxy.ts';
import { limitTransfers } from './queue.ts';

/** `onClosed`: the channel takes no more requests, and the origin needs another one. */
export async function openChannel(
  origin: URL,
  options: ConnectionOptions,
  onClosed: () => void,
): Promise<Channel> {
  const { limits, ca, allowHttp2, environment } = options;
  const proxy = proxyFor(origin, options.proxy, environment) ?? '';
  const connector = await openConnector(origin, { proxy, ca, connectMs: limits.connectMs });
  if (allowHttp2 && origin.protocol === 'https:') {
    const socket = await connector.connect(['h2', 'http/1.1']);
    if (socket.alpnProtocol === 'h2') {
      const { openHttp2 } = await import('./http2.ts');
      return limitTransfers(openHttp2(origin, socket, limits, onClosed), limits.streams);
    }
    connector.adopt(socket);
  }
  return limitTransfers(openHttp1(origin, connector.agent, limits.headerBytes), limits.connections);
}
