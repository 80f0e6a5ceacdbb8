// Which port the proxy of this user has. The port is part of the URL that names cargo's cache folders, so it stays the same:
// `$CARGO_HOME/tuf/proxy.json`, {"format":1,"port":47447}.

import { encodeCanonical, isJsonObject, parseJson } from '@cargo-tuf/canonical-json';
import { readLocalFile, type Registry, registrySlug, writeLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { RELEASES_SLUG } from '@cargo-tuf/local-proxy';
import type { Context } from './context.ts';
import { fail } from './errors.ts';

const DEFAULT_PORT = 47_447;

/** A port as people write it. Throws `APP_USAGE`. */
export function parsePort(text: string): number {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  if (port > 0 && port < 65_536) return port;
  throw fail('APP_USAGE', `port: "${escapeText(text)}", expected 1 to 65535`);
}

export async function readPort(context: Context): Promise<number> {
  const bytes = await readLocalFile(pathOf(context), 4096);
  if (bytes === undefined) return DEFAULT_PORT;
  try {
    const value = parseJson(bytes);
    const port = isJsonObject(value) ? value.get('port') : undefined;
    if (typeof port === 'number' && port > 0 && port < 65_536) return port;
  } catch (error) {
    if (!isTufError(error)) throw error;
  }
  return DEFAULT_PORT;
}

export async function writePort(context: Context, port: number): Promise<void> {
  await writeLocalFile(
    pathOf(context),
    encodeCanonical(
      new Map([
        ['format', 1],
        ['port', port],
      ]),
    ),
  );
}

export function secretPath(context: Context): string {
  return `${context.home.tuf}/proxy-secret`;
}

export function indexUrl(port: number, registry: Registry): string {
  return `sparse+http://127.0.0.1:${port}/${registrySlug(registry.id)}/index/`;
}

/** What sends rustup to the proxy. It has no configuration file for it: these variables, or nothing. */
export function rustupVariables(port: number): Readonly<Record<string, string>> {
  const server = `http://127.0.0.1:${port}/${RELEASES_SLUG}`;
  return { RUSTUP_DIST_SERVER: server, RUSTUP_UPDATE_ROOT: `${server}/rustup` };
}

function pathOf(context: Context): string {
  return `${context.home.tuf}/proxy.json`;
}
