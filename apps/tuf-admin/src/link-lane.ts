// A thread that links files while its owner makes the next ones. It answers in the order in which it was asked.

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type MessagePort, Worker } from 'node:worker_threads';
import { type BulkFile, linkAll } from './link-files.ts';

export interface LinkLane {
  /** Slices that are under way. */
  readonly waiting: number;
  /** As `linkAll`; undefined where the thread could not do all of it. */
  link(files: readonly BulkFile[], temporary: string): Promise<readonly boolean[] | undefined>;
}

interface Slice {
  readonly temporary: string;
  readonly files: readonly string[];
  /** Where each file's bytes end in `bytes`. */
  readonly ends: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

let ours: LinkLane | undefined;

/** The program's own, once it was worth a start. None where the thread would have no core, or its file is not there. */
export function linkLane(isWorthIt: boolean): LinkLane | undefined {
  const isMissing = ours === undefined && isWorthIt && availableParallelism() > 1;
  const file = isMissing ? workerFile() : undefined;
  if (file !== undefined) ours = openLinkLane(file);
  return ours;
}

/** It holds up no program that wants to end. Where the thread ends, it answers no more. */
export function openLinkLane(file: URL): LinkLane {
  return new WorkerLane(file);
}

class WorkerLane implements LinkLane {
  readonly #worker: Worker;
  readonly #waiting: ((linked: readonly boolean[] | undefined) => void)[] = [];
  #hasEnded = false;

  constructor(file: URL) {
    this.#worker = new Worker(file, { execArgv: [] });
    this.#worker.on('message', (linked: readonly boolean[] | undefined) => this.#answer(linked));
    const end = (): void => {
      this.#hasEnded = true;
      while (this.#waiting.length > 0) this.#answer(undefined);
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', end);
    // Not before: listening to messages holds up the program.
    this.#worker.unref();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  link(files: readonly BulkFile[], temporary: string): Promise<readonly boolean[] | undefined> {
    if (this.#hasEnded) return Promise.resolve(undefined);
    return new Promise(resolve => {
      this.#waiting.push(resolve);
      this.#worker.ref();
      const slice = pack(files, temporary);
      this.#worker.postMessage(slice, [slice.bytes.buffer]);
    });
  }

  #answer(linked: readonly boolean[] | undefined): void {
    this.#waiting.shift()?.(linked);
    if (this.#waiting.length === 0) this.#worker.unref();
  }
}

/** The other end of a lane. */
export function answerLinks(port: MessagePort): void {
  port.on('message', (slice: Slice) => port.postMessage(tryLink(slice)));
}

function tryLink(slice: Slice): readonly boolean[] | undefined {
  try {
    return linkAll(unpack(slice), slice.temporary);
  } catch {
    // Its owner does it again, and meets the error himself.
    return undefined;
  }
}

/** Bytes of their own: of a part, a message takes along the whole. */
function pack(files: readonly BulkFile[], temporary: string): Slice {
  let length = 0;
  const ends = files.map(({ bytes }) => (length += bytes.length));
  const bytes = new Uint8Array(length);
  for (const [index, file] of files.entries()) bytes.set(file.bytes, (ends[index] ?? 0) - file.bytes.length);
  return { temporary, files: files.map(({ file }) => file), ends, bytes };
}

function unpack({ files, ends, bytes }: Slice): readonly BulkFile[] {
  return files.map((file, index) => ({ file, bytes: bytes.subarray(ends[index - 1] ?? 0, ends[index]) }));
}

/** Beside the built program; sources run the one that was built from them, since Node 20 runs no TypeScript. */
function workerFile(): URL | undefined {
  const files = ['./link-worker.js', '../dist/link-worker.js'].map(path => new URL(path, import.meta.url));
  return files.find(file => existsSync(file));
}
