// Which proxy a request goes through, from the variables that curl and cargo read:
//
//   HTTPS_PROXY=http://proxy.example:3128  ALL_PROXY=…  NO_PROXY=.example.org,10.0.0.7,localhost:8080
//
// Lower case wins over upper case. An address without a scheme is an http proxy.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

/** The word `environment`: as the variables say. An address: that proxy for everything. False: none. */
export type ProxyOption = string | false;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy's address, or null for a direct connection. */
export function proxyFor(url: URL, option: ProxyOption, environment: Environment): string | null {
  if (option === false) return null;
  if (option !== 'environment') return parseProxy(option);
  const read = (name: string): string => environment[name.toLowerCase()] ?? environment[name] ?? '';
  if (isExcluded(url, read('NO_PROXY'))) return null;
  const text = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || read('ALL_PROXY');
  return text === '' ? null : parseProxy(text);
}

function parseProxy(text: string): string {
  const address = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  // The text may hold a password: it is not shown.
  throw fail('HTTP_ADDRESS', `proxy: ${escapeText(url?.protocol ?? 'no address')}, expected http or https`, {
    hint: 'set HTTPS_PROXY to http://host:port',
  });
}

function isExcluded(url: URL, list: string): boolean {
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => entry === '*' || matchesEntry(entry, host, port));
}

function matchesEntry(entry: string, host: string, port: string): boolean {
  const parts = /^(?:\*?\.)?(\[?[^\]]*?\]?)(?::([0-9]{1,5}))?$/.exec(
    isBareIpv6(entry) ? `[${entry}]` : entry,
  );
  if (parts === null || (parts[2] !== undefined && parts[2] !== port)) return false;
  const name = (parts[1] ?? '').replaceAll(/[[\]]/g, '');
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

function isBareIpv6(entry: string): boolean {
  return entry.split(':').length > 2 && !entry.startsWith('[');
}
