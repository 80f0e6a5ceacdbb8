// Where the archives of a registry are: the `dl` of its config.json.
//
//   https://static.crates.io/crates                          cargo adds /{crate}/{version}/download
//   https://example.org/{lowerprefix}/{crate}-{version}.crate
//
// | marker              | itoa 1.0.0        | Inflector 0.1.0  |
// |---------------------|-------------------|------------------|
// | `{crate}`           | `itoa`            | `Inflector`      |
// | `{version}`         | `1.0.0`           | `0.1.0`          |
// | `{prefix}`          | `it/oa`           | `In/fl`          |
// | `{lowerprefix}`     | `it/oa`           | `in/fl`          |
// | `{sha256-checksum}` | 64 hex digits     | 64 hex digits    |
//
// Markers are filled with checked values only, and stand after the host: no crate chooses where it is fetched from.

import { escapeText } from '@cargo-tuf/errors';
import { parseCrateName } from './crate-name.ts';
import { fail } from './errors.ts';
import { indexDirectory } from './index-path.ts';
import { parseChecksum } from './index-version.ts';
import { INDEX_LIMITS } from './limits.ts';
import { parseVersion } from './version.ts';

export interface CrateDownload {
  readonly crate: string;
  readonly version: string;
  /** The `cksum` of the version. */
  readonly sha256: string;
}

/** The URL of one archive. Throws `INDEX_TEMPLATE`, `INDEX_NAME`, `INDEX_VERSION`, `INDEX_FIELD`. */
export function expandDownloadTemplate(dl: string, download: CrateDownload): string {
  const template = checkDownloadTemplate(dl);
  const crate = parseCrateName(download.crate);
  const values: Readonly<Record<Marker, string>> = {
    crate,
    version: parseVersion(download.version),
    prefix: indexDirectory(crate),
    lowerprefix: indexDirectory(crate.toLowerCase()),
    'sha256-checksum': parseChecksum(download.sha256),
  };
  const full = template.includes('{') ? template : `${template}/{crate}/{version}/download`;
  return full.replace(MARKER, (_, marker: Marker) => values[marker]);
}

type Marker = 'crate' | 'version' | 'prefix' | 'lowerprefix' | 'sha256-checksum';
const MARKER = /\{(crate|version|prefix|lowerprefix|sha256-checksum)\}/g;

/** Returns `dl` if it is a URL that cargo can fetch from, with known markers in its path. Throws `INDEX_TEMPLATE`. */
export function checkDownloadTemplate(dl: string): string {
  const path = checkRegistryUrl('dl', dl).replaceAll(MARKER, 'x');
  if (/[{}]/.test(path)) throw refuseUrl('dl', dl, 'unknown marker');
  return dl;
}

/**
 * The part of an http or https URL after its host: no user name, no fragment, no dot segment, printable ASCII only.
 * Throws `INDEX_TEMPLATE`.
 */
export function checkRegistryUrl(field: string, url: string): string {
  if (url.length > INDEX_LIMITS.textLength) throw refuseUrl(field, url, 'too long');
  const path = /^https?:\/\/[A-Za-z0-9.\-_~[\]:]+((?:[/?][!-~]*)?)$/.exec(url)?.[1];
  if (path === undefined) throw refuseUrl(field, url, 'not an http or https URL');
  if (/[#\\"<>^`|]/.test(path)) throw refuseUrl(field, url, 'character that a URL path does not have');
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:[/?]|$)/i.test(path)) throw refuseUrl(field, url, 'dot segment');
  return path;
}

function refuseUrl(field: string, url: string, reason: string): Error {
  return fail('INDEX_TEMPLATE', `config.json: ${field}: ${reason}: "${escapeText(url)}"`, {
    details: { field, url },
  });
}
