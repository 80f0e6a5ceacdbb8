// One check of one client against a mirror: what went over the wire, and in how many rounds.

import type { Source } from '@cargo-tuf/client';
import { equalBytes } from '@cargo-tuf/keys';
import { openHttpSource } from '@cargo-tuf/http-transport';
import type { Layout, LayoutClient } from '../layouts/layout.ts';
import type { Exchange } from '../measurements.ts';
import type { CountingServer } from '../transport/counting-server.ts';
import { openGzipSource } from '../transport/gzip-source.ts';
import { RoundSource } from '../transport/round-source.ts';
import { pathClass } from '../transport/path-class.ts';
import { type Count, snapshotLayer } from '../transport/tally.ts';

/** Connections of HTTP/1.1. How many there are changes no number here: a round waits for all of its answers. */
const CONNECTIONS = 16;

/** Throws when what the client proved is not what stands in the registry, or when client and server disagree on the requests. */
export async function measureCheck(
  layout: Layout,
  server: CountingServer,
  client: LayoutClient,
  crates: readonly number[],
): Promise<Exchange> {
  const mirror = openSource(layout, server.url);
  const rounds = new RoundSource(mirror.source);
  server.sent.take();
  try {
    assertProved(layout, crates, await client.check(rounds, crates));
  } finally {
    await mirror.close();
  }
  const classes = server.sent.take();
  const { files: requests, bytes } = snapshotLayer(classes);
  const perRound = rounds.rounds.map(paths => paths.length);
  const tilesPerRound = rounds.rounds.map(paths => paths.filter(path => pathClass(path) === 'tile').length);
  const asked = perRound.reduce((sum, each) => sum + each, 0);
  if (asked !== requests)
    throw new Error(`server: ${requests} requests, expected ${asked} as the client sent`);
  return { draws: 1, bytes, requests, rounds: perRound.length, perRound, tilesPerRound, classes };
}

function openSource(layout: Layout, url: string): { readonly source: Source; close(): Promise<void> } {
  if (layout.gzip) {
    const source = openGzipSource(url, CONNECTIONS);
    return { source, close: async () => source.close() };
  }
  const source = openHttpSource({ mirrors: [url], proxy: false, limits: { connections: CONNECTIONS } });
  return { source, close: () => source.close() };
}

export function assertProved(
  { ledger }: Layout,
  crates: readonly number[],
  proved: readonly Uint8Array[],
): void {
  for (const [at, crate] of crates.entries()) {
    if (equalBytes(proved[at] as Uint8Array, ledger.entry(crate).sha256)) continue;
    throw new Error(`${ledger.name(crate)}: the client proved another entry than was published`);
  }
}

/** The mean of several. */
export function meanExchange(exchanges: readonly Exchange[]): Exchange {
  const mean = (of: (exchange: Exchange) => number): number =>
    exchanges.reduce((sum, each) => sum + of(each), 0) / exchanges.length;
  const rounds = Math.max(...exchanges.map(({ perRound }) => perRound.length));
  return {
    draws: exchanges.length,
    bytes: mean(({ bytes }) => bytes),
    requests: mean(({ requests }) => requests),
    rounds: mean(each => each.rounds),
    perRound: Array.from({ length: rounds }, (_, at) => mean(({ perRound }) => perRound[at] ?? 0)),
    tilesPerRound: Array.from({ length: rounds }, (_, at) =>
      mean(({ tilesPerRound }) => tilesPerRound[at] ?? 0),
    ),
    classes: meanClasses(exchanges.map(({ classes }) => classes)),
  };
}

export function meanClasses(
  list: readonly Readonly<Record<string, Count>>[],
): Readonly<Record<string, Count>> {
  const names = new Set(list.flatMap(classes => Object.keys(classes)));
  const mean = (name: string, of: keyof Count): number =>
    list.reduce((sum, classes) => sum + (classes[name]?.[of] ?? 0), 0) / list.length;
  return Object.fromEntries(
    Array.from(names, name => [name, { files: mean(name, 'files'), bytes: mean(name, 'bytes') }]),
  );
}
