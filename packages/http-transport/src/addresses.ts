// The addresses that are asked. A path is appended to a mirror's address as text; that the result parses to itself
// proves that nothing in it climbs, changes host, or means something else to a URL parser.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

const SEGMENT = /^[A-Za-z0-9._~%!$&'()*+,;=:@-]{1,512}$/;

/** A mirror's address: https, or http to this machine; ends in a slash; no user, query or fragment. */
export function parseMirror(text: string): URL {
  const url = parseUrl(text);
  if (!url.pathname.endsWith('/') || url.search !== '') {
    throw fail('HTTP_ADDRESS', `${escapeText(text)}: expected a slash at the end`, {
      details: { address: text },
    });
  }
  return url;
}

/** An address of one file: https, or http to this machine; no user or fragment. */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && url.username === '' && url.password === '' && url.hash === '';
  if (plain && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))) return url;
  throw fail('HTTP_ADDRESS', `${escapeText(text)}: expected https, or http to this machine`, {
    details: { address: text },
  });
}

/** The address of a file of a mirror. */
export function fileUrl(mirror: URL, path: string): URL {
  const segments = path.split('/');
  const text = mirror.href + path;
  const url = new URL(text);
  if (segments.every(isSafeSegment) && url.href === text) return url;
  throw fail('HTTP_ADDRESS', `path: ${escapeText(path)} is not a relative path of a repository`, {
    details: { path },
    hint: 'pass a path as docs/pouf.md section 1 writes it',
  });
}

/** One name of a path: neither `.` nor `..`, also when percent-encoded. */
export function isSafeSegment(segment: string): boolean {
  return SEGMENT.test(segment) && !/^(?:\.|%2e){1,2}$/i.test(segment);
}

export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.[0-9.]+$/.test(url.hostname);
}

/** Hosts that are numbers: the usual way into a private network or a cloud's metadata service. */
export function isAddressLiteral(url: URL): boolean {
  return url.hostname.startsWith('[') || /^[0-9.]+$/.test(url.hostname) || url.hostname === 'localhost';
}

/** What a connection is opened to: an IPv6 address without its brackets, and the port in numbers. */
export function addressOf(url: URL): { readonly host: string; readonly port: number } {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  return { host: url.hostname.replaceAll(/[[\]]/g, ''), port };
}
