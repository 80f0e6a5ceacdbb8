// | code              | when                                                              | tried again |
// |-------------------|-------------------------------------------------------------------|-------------|
// | HTTP_ADDRESS      | a mirror, path or proxy that is not one                             | no          |
// | HTTP_ABORTED      | the caller's signal fired                                           | no          |
// | HTTP_CONNECT      | no connection, or it broke before the headers                       | yes         |
// | HTTP_TLS          | the server's certificate is not trusted                             | no          |
// | HTTP_TIMEOUT      | no headers, no byte, or no end within the limit                     | yes         |
// | HTTP_SLOW         | fewer bytes than the minimum rate                                   | yes         |
// | HTTP_BROKEN       | the body ended early or the connection broke within it              | yes         |
// | HTTP_SERVER       | status 408, 429 or 500 to 599                                       | yes         |
// | HTTP_REFUSED      | any other status that is neither the file nor its absence           | no          |
// | HTTP_REDIRECT     | a redirect that is not allowed                                      | no          |
// | HTTP_NOT_FOUND    | the file to download is not there                                   | no          |
// | HTTP_CHANGED      | the file became another between two parts of one download           | no          |
// | HTTP_HEADERS      | Content-Encoding, Content-Length or Content-Range out of order       | no          |
// | HTTP_TOO_LONG     | more bytes than allowed                                             | no          |
// | HTTP_WRONG_LENGTH | another length than the signed one                                  | no          |
// | HTTP_UNREADABLE   | a file of a local mirror that cannot be read, or lies outside of it   | no          |
//
// "Tried again" is about the same mirror. After any failure but HTTP_ABORTED the next mirror is asked.

import { defineErrors, type ErrorOptions, isTufError, type TufError } from '@cargo-tuf/errors';

const table = {
  HTTP_ADDRESS: {
    kind: 'misuse',
    hint: 'use an https address that ends in a slash, without user, query or fragment',
  },
  HTTP_ABORTED: { kind: 'unavailable', hint: 'start again when you want the file' },
  HTTP_CONNECT: { kind: 'unavailable', hint: 'check the network and the proxy settings, then try again' },
  HTTP_TLS: {
    kind: 'unavailable',
    hint: 'if a proxy of your organisation replaces certificates, give its CA with SSL_CERT_FILE or CARGO_HTTP_CAINFO',
  },
  HTTP_TIMEOUT: { kind: 'unavailable', hint: 'try again later, or add another mirror' },
  HTTP_SLOW: { kind: 'unavailable', hint: 'use a faster mirror, or lower the minimum rate on a slow line' },
  HTTP_BROKEN: { kind: 'unavailable', hint: 'try again' },
  HTTP_SERVER: { kind: 'unavailable', hint: 'try again later; the server has a problem' },
  HTTP_REFUSED: {
    kind: 'unavailable',
    hint: 'check the address; a proxy or firewall may answer in its place',
  },
  HTTP_REDIRECT: {
    kind: 'unavailable',
    hint: 'configure the final address; a login page of the network may answer',
  },
  HTTP_NOT_FOUND: { kind: 'unavailable', hint: 'check that the mirror is complete' },
  HTTP_CHANGED: { kind: 'conflict', hint: 'download the file again from its start' },
  HTTP_HEADERS: { kind: 'malformed', hint: 'serve the file unchanged: no compression, no rewriting proxy' },
  HTTP_TOO_LONG: {
    kind: 'security',
    hint: 'the server sends what nobody signed; use another mirror and tell its operator',
  },
  HTTP_WRONG_LENGTH: {
    kind: 'security',
    hint: 'the file is not the one that was signed; use another mirror',
  },
  HTTP_UNREADABLE: { kind: 'unavailable', hint: 'check the folder of the mirror and its permissions' },
} as const;

export type HttpErrorCode = keyof typeof table;

export const fail: (code: HttpErrorCode, message: string, options?: ErrorOptions) => TufError<HttpErrorCode> =
  defineErrors(table);

/** True when the same request to the same server may well succeed. Never for what was refused on its content. */
export function isPassing(error: unknown): boolean {
  return isTufError(error, 'HTTP_CONNECT', 'HTTP_TIMEOUT', 'HTTP_BROKEN', 'HTTP_SERVER');
}
