// What is measured of a layout: first checks, checks after publishes, and what a publish writes.

import type { Layout, LayoutClient } from '../layouts/layout.ts';
import type {
  CheckMeasurement,
  Exchange,
  LayoutId,
  Measurement,
  PublishMeasurement,
} from '../measurements.ts';
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
  /** Snapshots of as many publishes that come before those of a batch: what is written may depend on them. */
  readonly settle: number;
  /** Each with a registry of its own. */
  readonly skews: readonly Skew[];
}

type Progress = (step: string) => void;

export async function measureLayout(
  id: LayoutId,
  open: () => Promise<Layout>,
  plan: Plan,
  progress: Progress,
): Promise<Measurement[]> {
  const rows: Measurement[] = [];
  for (const [at, skew] of plan.skews.entries()) {
    progress('building');
    const layout = await open();
    const about = { size: layout.ledger.size, layout: id, parameters: layout.parameters };
    const server = await startCountingServer(path => layout.serve(path));
    try {
      for (const row of await measureChecks(layout, server, plan, skew, progress))
        rows.push({ ...about, ...row });
    } finally {
      await server.close();
    }
    if (at === 0)
      for (const row of await measurePublishes(layout, plan, progress)) rows.push({ ...about, ...row });
  }
  return rows;
}

async function measurePublishes(
  layout: Layout,
  { batches, settle }: Plan,
  progress: Progress,
): Promise<Omit<PublishMeasurement, 'size' | 'layout' | 'parameters'>[]> {
  const rows: Omit<PublishMeasurement, 'size' | 'layout' | 'parameters'>[] = [];
  for (const [publishes, draws] of batches) {
    progress(`snapshots of ${publishes} publishes`);
    const written = [];
    for (let at = -settle; at < draws; at++) {
      const classes = await layout.publish(publishesOf(layout, publishes, 1_000 * publishes + at, 'popular'));
      if (at >= 0) written.push(classes);
    }
    const classes = meanClasses(written);
    rows.push({ scenario: 'publish', publishes, draws, ...snapshotLayer(classes), classes });
  }
  return rows;
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
