// This one needs all of undici: its requests are put into `Dispatcher.prototype` by the package's first file.

import { type Dispatcher, ProxyAgent } from 'undici';

export function openProxyAgent(options: ProxyAgent.Options): Dispatcher {
  return new ProxyAgent(options);
}
