import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Lane, openOwnLane, openWorkerLane } from './lane.ts';

/** Beyond this, more threads wait for memory and for the one that gives out the work. */
const MOST_WORKERS = 16;

/** What `work` gives, done with so many worker threads; they end with it. With 0 it is done in the caller's thread. */
export async function withLanes<Result>(
  workers: number = Math.min(availableParallelism(), MOST_WORKERS),
  work: (lanes: readonly Lane[]) => Promise<Result>,
): Promise<Result> {
  const file = workerFile();
  const lanes =
    workers > 0 && file !== undefined
      ? Array.from({ length: workers }, () => openWorkerLane(file))
      : [openOwnLane()];
  try {
    return await work(lanes);
  } finally {
    await Promise.all(lanes.map(lane => lane.close()));
  }
}

/**
 * Gives every item to a lane that has room, and each answer to `accept`, in the order in which they come. A lane has two
 * items at a time: while one is worked on, the other is on its way.
 */
export async function spread<Item>(
  lanes: readonly Lane[],
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (lane: Lane, item: Item) => Promise<void>,
): Promise<void> {
  const waiting = inTurn(items);
  await Promise.all(
    [...lanes, ...lanes].map(async lane => {
      for await (const item of waiting.taken()) await work(lane, item);
    }),
  );
}

/** One iterator for many takers: each item goes to one of them, and a failure of one ends all. */
function inTurn<Item>(items: Iterable<Item> | AsyncIterable<Item>): { taken(): AsyncGenerator<Item> } {
  const source = each(items);
  return {
    async *taken() {
      for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
    },
  };
}

/** Calls of an async generator wait for each other. */
async function* each<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

/**
 * The worker's file beside this one; sources run the one that was built from them, since Node 20 runs no TypeScript. Undefined
 * where a program was bundled without it: the work is then done in one thread.
 */
function workerFile(): URL | undefined {
  const files = ['./hash-worker.js', '../dist/hash-worker.js'].map(path => new URL(path, import.meta.url));
  return files.find(file => existsSync(file));
}
