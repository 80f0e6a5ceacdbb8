// What is measured of a layout: first checks, checks after publishes, and what a publish writes.

import type { Layout, LayoutClient } from '../layouts/layout.ts';
import type { CheckMeasurement, Exchange, LayoutId, Measurement } from '../measurements.ts';
import { drawDependencies, drawPublishes, type Skew } from '../population/draws.ts';
import { type CountingServer, startCountingServer } from '../transport/counting-server.ts';
import { snapshotLayer } from '../transport/tally.ts';
import { meanClasses, meanExchange, measureCheck } from './check.ts';

export interface Plan {
  /** Numbers of dependencies, each with the number of lock files that are drawn. */
  readonly dependencies: readonly (readonly [count: number, draws: number])[];
  /** Publishes between two checks, each with the snapshots that they come in: later ones include those before. */
  readonly publishes: readonly (readonly [count: number, snapshots: number])[];
  /** Publishes in one snapshot, each with the number of such snapshots. */
  readonly batches: readonly (readonly [count: number, draws: number])[];
  readonly skews: readonly Skew[];
}

type Progress = (step: string) => void;

export async function measureLayout(
  id: LayoutId,
  layout: Layout,
  plan: Plan,
  progress: Progress,
): Promise<Measurement[]> {
  const server = await startCountingServer(path => layout.serve(path));
  const about = { size: layout.ledger.size, layout: id, parameters: layout.parameters };
  try {
    const rows: Measurement[] = [];
    for (const skew of plan.skews)
      for (const row of await measureChecks(layout, server, plan, skew, progress))
        rows.push({ ...about, ...row });
    for (const [publishes, draws] of plan.batches) {
      progress(`${publishes} publishes in a snapshot`);
      const written = [];
      for (let draw = 0; draw < draws; draw++)
        written.push(
          await layout.publish(publishesOf(layout, publishes, 1_000 * publishes + draw, 'popular')),
        );
      const classes = meanClasses(written);
      rows.push({ ...about, scenario: 'publish', publishes, draws, ...snapshotLayer(classes), classes });
    }
    return rows;
  } finally {
    await server.close();
  }
}

type Check = Omit<CheckMeasurement, 'size' | 'layout' | 'parameters'>;

/** First checks of clients, which are then left alone while crates are published, and checks by copies of them. */
async function measureChecks(
  layout: Layout,
  server: CountingServer,
  { dependencies, publishes }: Plan,
  skew: Skew,
  progress: Progress,
): Promise<Check[]> {
  const rows: Check[] = [];
  const clients: {
    readonly count: number;
    readonly crates: readonly number[];
    readonly client: LayoutClient;
  }[] = [];
  for (const [count, draws] of dependencies) {
    progress(`first check of ${count}`);
    const exchanges: Exchange[] = [];
    for (let draw = 0; draw < draws; draw++) {
      const crates = drawDependencies(layout.ledger.size, count, draw, skew);
      const client = layout.newClient();
      exchanges.push(await measureCheck(layout, server, client, crates));
      clients.push({ count, crates, client });
    }
    rows.push({
      scenario: 'cold',
      skew,
      dependencies: count,
      publishes: 0,
      snapshots: 0,
      ...meanExchange(exchanges),
    });
  }
  let done = { count: 0, snapshots: 0 };
  for (const [count, snapshots] of publishes) {
    progress(`${count} publishes in ${snapshots} snapshots`);
    await publishBetween(layout, done, { count, snapshots }, skew);
    done = { count, snapshots };
    for (const [dependents] of dependencies) {
      const exchanges: Exchange[] = [];
      for (const { client, crates } of clients.filter(each => each.count === dependents))
        exchanges.push(await measureCheck(layout, server, client.fork(), crates));
      const about = {
        scenario: 'warm',
        skew,
        dependencies: dependents,
        publishes: count,
        snapshots,
      } as const;
      rows.push({ ...about, ...meanExchange(exchanges) });
    }
  }
  return rows;
}

interface Point {
  readonly count: number;
  readonly snapshots: number;
}

async function publishBetween(layout: Layout, from: Point, to: Point, skew: Skew): Promise<void> {
  const snapshots = to.snapshots - from.snapshots;
  const crates = publishesOf(layout, to.count - from.count, to.count, skew);
  for (let at = 0; at < snapshots; at++) {
    const [first, last] = [at, at + 1].map(each => Math.round((crates.length * each) / snapshots));
    await layout.publish(crates.slice(first, last));
  }
}

function publishesOf({ ledger }: Layout, count: number, draw: number, skew: Skew): number[] {
  return drawPublishes(ledger.size, count, draw, skew);
}
