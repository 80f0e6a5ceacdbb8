// How long our client takes when every answer comes after a round trip: the real HTTP client with its own limits of connections and
// streams. Connections are opened on loopback, so the handshakes take no round trips of that length: add one, and one more with TLS.

import { openHttpSource } from '@cargo-tuf/http-transport';
import { makeCertificate } from '../../bench/certificate.mjs';
import { median, withFolder } from '../../bench/measure.mjs';
import type { LayoutClient } from '../layouts/layout.ts';
import type { TilesLayout } from '../layouts/tiles.ts';
import type { LatencyMeasurement } from '../measurements.ts';
import { drawDependencies, drawPublishes } from '../population/draws.ts';
import { startCountingServer } from '../transport/counting-server.ts';
import { assertProved } from './check.ts';

const ROUND_TRIPS = [20, 100] as const;
const PROTOCOLS = ['HTTP/1.1', 'HTTP/2'] as const;
const [RUNS, PUBLISHES, HOUR] = [3, 100, 60] as const;
/** The client's own limit of requests under way (CLIENT_LIMITS). */
const PARALLEL = 64;

export async function measureLatency(
  layout: TilesLayout,
  dependencies: readonly number[],
  progress: (step: string) => void,
): Promise<LatencyMeasurement[]> {
  const { size } = layout.ledger;
  const drawn = dependencies.map(count => ({ count, crates: drawDependencies(size, count, 0) }));
  const rows: LatencyMeasurement[] = [];
  await withFolder('scale', async folder => {
    const { key, cert } = await makeCertificate(folder);
    const timed = async (check: 'cold' | 'warm', warm: ReadonlyMap<number, LayoutClient>): Promise<void> => {
      for (const roundTrip of ROUND_TRIPS)
        for (const protocol of PROTOCOLS) {
          const tls = protocol === 'HTTP/2' ? { tls: { key, cert } } : {};
          const server = await startCountingServer(path => layout.serve(path), {
            latency: roundTrip,
            ...tls,
          });
          try {
            for (const { count, crates } of drawn) {
              progress(`${check} check of ${count}, ${protocol}, ${roundTrip} ms`);
              const times: number[] = [];
              for (let run = 0; run < RUNS; run++) {
                const client = warm.get(count)?.fork() ?? layout.newClient(PARALLEL);
                times.push(await timeCheck(layout, client, server.url, cert, crates));
              }
              const about = { size, layout: 'tiles', parameters: '', scenario: 'latency' } as const;
              rows.push({
                ...about,
                check,
                dependencies: count,
                protocol,
                roundTrip,
                milliseconds: median(times),
              });
            }
          } finally {
            await server.close();
          }
        }
    };
    await timed('cold', new Map());
    const warm = new Map<number, LayoutClient>();
    const near = await startCountingServer(path => layout.serve(path));
    for (const { count, crates } of drawn) {
      const client = layout.newClient(PARALLEL);
      await timeCheck(layout, client, near.url, cert, crates);
      warm.set(count, client);
    }
    await near.close();
    const published = drawPublishes(size, PUBLISHES, 0);
    for (let at = 0; at < HOUR; at++) {
      const [first, last] = [at, at + 1].map(each => Math.round((PUBLISHES * each) / HOUR));
      await layout.publish(published.slice(first, last));
    }
    await timed('warm', warm);
  });
  return rows;
}

async function timeCheck(
  layout: TilesLayout,
  client: LayoutClient,
  url: string,
  ca: string,
  crates: readonly number[],
): Promise<number> {
  const source = openHttpSource({ mirrors: [url], proxy: false, ca, allowHttp2: true });
  try {
    const start = performance.now();
    const proved = await client.check(source, crates);
    const time = performance.now() - start;
    assertProved(layout, crates, proved);
    return time;
  } finally {
    await source.close();
  }
}
