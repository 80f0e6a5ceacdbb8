import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type LinkOptions, linkSlices } from '../src/bulk-write.ts';
import type { BulkFile } from '../src/link-files.ts';
import { type LinkLane, openLinkLane } from '../src/link-lane.ts';
import { openTrial, type Trial } from './trial.ts';

const WORKER = new URL('../dist/link-worker.js', import.meta.url);
const SLICES = 12;
const SLICE = 20;

/** Slices of files, each a part of the same memory; `made` is told of each slice. */
async function* slicesOf(
  trial: Trial,
  made: (slice: number) => void = () => undefined,
): AsyncGenerator<readonly BulkFile[]> {
  await mkdir(trial.path('out'), { recursive: true });
  const memory = new TextEncoder().encode('0123456789'.repeat(100));
  for (let slice = 0; slice < SLICES; slice++) {
    made(slice);
    const first = slice * SLICE;
    yield Array.from({ length: SLICE }, (_, index) => ({
      file: trial.path(`out/${first + index}`),
      bytes: memory.subarray(first + index, first + 2 * index + 1),
    }));
  }
}

const contentOf = (index: number): string =>
  '0123456789'.repeat(100).slice(index, index + (index % SLICE) + 1);

function optionsOf(trial: Trial, lane?: LinkLane): LinkOptions {
  return { temporaries: [trial.path('1.temporary'), trial.path('2.temporary')], lane: () => lane };
}

/** A lane that keeps count. */
function counting(lane: LinkLane): LinkLane & { slices: number; most: number } {
  return {
    slices: 0,
    most: 0,
    get waiting() {
      return lane.waiting;
    },
    link(files, temporary) {
      const linked = lane.link(files, temporary);
      this.slices += 1;
      this.most = Math.max(this.most, lane.waiting);
      return linked;
    },
  };
}

async function assertAllThere(trial: Trial): Promise<void> {
  expect(await readdir(trial.path('out'))).toHaveLength(SLICES * SLICE);
  for (let index = 0; index < SLICES * SLICE; index++)
    expect(readFileSync(trial.path(`out/${index}`), 'latin1')).toBe(contentOf(index));
  expect(await readdir(trial.folder)).toEqual(['out']);
}

describe('files in slices', () => {
  it('are linked here where no thread helps', async () => {
    const trial = await openTrial();
    await linkSlices(slicesOf(trial), optionsOf(trial));
    await assertAllThere(trial);
  });

  it('are linked by two threads, and told of in their order', async ctx => {
    ctx.skip(!existsSync(WORKER), 'dist/link-worker.js was not built');
    const trial = await openTrial();
    const lane = counting(openLinkLane(WORKER));
    // The first and the last slice: whoever gets them.
    const taken = [3, SLICES * SLICE - 1];
    await mkdir(trial.path('out'));
    for (const index of taken) await writeFile(trial.path(`out/${index}`), contentOf(index));
    const linked = await linkSlices(slicesOf(trial), optionsOf(trial, lane));
    expect(linked).toEqual(Array.from({ length: SLICES * SLICE }, (_, index) => !taken.includes(index)));
    await assertAllThere(trial);
    expect(lane.slices).toBeGreaterThanOrEqual(2);
    expect(lane.most).toBe(2);
    expect(lane.waiting).toBe(0);
  });

  it('keep the program alive while they are under way, and no longer', async ctx => {
    ctx.skip(!existsSync(WORKER), 'dist/link-worker.js was not built');
    const trial = await openTrial();
    const ports = () => process.getActiveResourcesInfo().filter(each => each === 'MessagePort').length;
    const before = ports();
    const lane = openLinkLane(WORKER);
    expect(ports()).toBe(before);
    const work = lane.link(
      [{ file: trial.path('one'), bytes: new Uint8Array(1) }],
      trial.path('1.temporary'),
    );
    expect(ports()).toBeGreaterThan(before);
    expect(await work).toEqual([true]);
    expect(ports()).toBe(before);
  });

  it('are linked here when the thread has ended', async () => {
    const trial = await openTrial();
    await writeFile(trial.path('ends.mjs'), 'throw new Error("ended")');
    const lane = counting(openLinkLane(new URL(`file://${trial.path('ends.mjs')}`)));
    const linked = await linkSlices(slicesOf(trial), optionsOf(trial, lane));
    expect(linked).toEqual(Array.from({ length: SLICES * SLICE }, () => true));
    expect(lane.slices).toBeGreaterThanOrEqual(2);
    expect(lane.waiting).toBe(0);
    // What it was given after its end as well.
    const more = [{ file: trial.path('more'), bytes: new Uint8Array(1) }];
    expect(await lane.link(more, trial.path('2.temporary'))).toBeUndefined();
    expect((await readdir(trial.folder)).sort()).toEqual(['ends.mjs', 'out']);
  });

  it.each(['a thread', 'none'])('tell of the first error when all is quiet, with %s', async helper => {
    const lane = helper === 'none' || !existsSync(WORKER) ? undefined : openLinkLane(WORKER);
    const trial = await openTrial();
    const made: number[] = [];
    async function* slices(): AsyncGenerator<readonly BulkFile[]> {
      for await (const slice of slicesOf(trial, index => made.push(index))) {
        const [first] = slice;
        yield made.length === 4 ? [{ file: trial.path('none/1'), bytes: first?.bytes as Uint8Array }] : slice;
      }
    }
    await expect(linkSlices(slices(), optionsOf(trial, lane))).rejects.toMatchObject({
      code: 'ADMIN_FILE',
      details: { path: trial.path('none/1'), code: 'ENOENT' },
    });
    expect(lane?.waiting ?? 0).toBe(0);
    // Those that were on their way to the thread are done, and no more.
    expect(made.length).toBeLessThan(SLICES);
    expect(await readdir(trial.path('out'))).toHaveLength((made.length - 1) * SLICE);
    expect(await readdir(trial.folder)).toEqual(['out']);
  });

  it('are all written or not begun when making the next ones fails', async ctx => {
    ctx.skip(!existsSync(WORKER), 'dist/link-worker.js was not built');
    const trial = await openTrial();
    const lane = openLinkLane(WORKER);
    const failing = slicesOf(trial, slice => {
      if (slice === 5) throw new Error('no more');
    });
    await expect(linkSlices(failing, optionsOf(trial, lane))).rejects.toThrow('no more');
    expect(lane.waiting).toBe(0);
    expect(await readdir(trial.path('out'))).toHaveLength(5 * SLICE);
  });
});
