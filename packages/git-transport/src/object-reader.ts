// Objects through one `git cat-file --batch`, which lives as long as the repository is open:
//
//   > ce013625030ba8dba906f756967f9e9ca394464a
//   < ce013625030ba8dba906f756967f9e9ca394464a blob 6
//   < hello
//   <
//
// Git's word is not taken: every object is hashed again, and must have the id that was asked for.

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { escapeText, type TufError } from '@cargo-tuf/errors';
import { type ObjectFormat, type ObjectId, type ObjectType, objectId } from '@cargo-tuf/git-object';
import { ByteQueue } from './byte-queue.ts';
import { fail, type GitErrorCode } from './errors.ts';
import { killGroup } from './run-git.ts';

export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

interface Wanted {
  readonly id: ObjectId;
  readonly limit: number;
  readonly resolve: (object: GitObject) => void;
  readonly reject: (error: TufError) => void;
}

export interface ReaderOptions {
  readonly format: ObjectFormat;
  readonly spawn: () => ChildProcessWithoutNullStreams;
  /** The longest silence while something is wanted. */
  readonly milliseconds: number;
}

export class ObjectReader {
  readonly #options: ReaderOptions;
  #wanted: Wanted[] = [];
  #child: ChildProcessWithoutNullStreams | undefined;
  #received = new ByteQueue();
  #header: { readonly type: ObjectType; readonly size: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stderr = '';
  #closed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Throws `GIT_MISSING`, `GIT_WRONG_ID`, `GIT_LIMIT` or `GIT_OBJECT_COLLISION`. */
  read(id: ObjectId, limit: number): Promise<GitObject> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(fail('GIT_CLOSED', 'repository: closed, expected an open one'));
      this.#wanted.push({ id, limit, resolve, reject });
      this.#ask(id);
      if (this.#wanted.length === 1) this.#expectSoon();
    });
  }

  /** What was not answered yet is refused. */
  close(): void {
    this.#closed = true;
    this.#stop(fail('GIT_CLOSED', 'repository: closed while an object was read'));
  }

  /** What is asked for in one turn of the program is one write. */
  #ask(id: ObjectId): void {
    const { stdin } = this.#start();
    if (stdin.writableCorked === 0) {
      stdin.cork();
      process.nextTick(() => stdin.uncork());
    }
    stdin.write(`${id}\n`);
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#child !== undefined) return this.#child;
    const child = this.#options.spawn();
    this.#child = child;
    this.#stderr = '';
    child.stdin.on('error', () => undefined); // its end is told by `close`
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < 4096) this.#stderr += chunk.toString('utf8');
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.#accept(chunk);
    });
    child.once('error', cause =>
      this.#ended(child, fail('GIT_NOT_FOUND', 'git cat-file: could not be started', { cause })),
    );
    child.once('close', code => {
      const stderr = escapeText(this.#stderr.trim(), 1000);
      this.#ended(
        child,
        fail('GIT_FAILED', `git cat-file: ended with ${code}: ${stderr}`, { details: { stderr } }),
      );
    });
    return child;
  }

  #ended(child: ChildProcessWithoutNullStreams, error: TufError<GitErrorCode>): void {
    if (this.#child === child) this.#stop(error);
  }

  #accept(chunk: Buffer): void {
    this.#received.push(chunk);
    try {
      let count = 0;
      while (this.#takeOne()) count += 1;
      if (count > 0) this.#expectSoon();
    } catch (error) {
      this.#stop(error as TufError<GitErrorCode>);
    }
  }

  /** Answers the first that is wanted, if all of its answer has come. */
  #takeOne(): boolean {
    const [first] = this.#wanted;
    if (first === undefined) return false;
    this.#header ??= this.#takeHeader(first);
    if (this.#header === undefined) return this.#wanted[0] !== first;
    const { type, size } = this.#header;
    if (size > first.limit) {
      this.#restart(
        fail('GIT_LIMIT', `object ${first.id}: ${size} bytes, expected at most ${first.limit}`, {
          details: { id: first.id, size, limit: first.limit },
        }),
      );
      return false;
    }
    const taken = this.#received.take(size + 1);
    if (taken === undefined) return false;
    this.#header = undefined;
    this.#wanted.shift();
    const bytes = new Uint8Array(taken.subarray(0, size));
    this.#answer(first, { type, bytes });
    return true;
  }

  #answer({ id, resolve, reject }: Wanted, object: GitObject): void {
    try {
      const found = objectId(object.type, object.bytes, this.#options.format);
      if (found === id) resolve(object);
      else reject(wrongId(id, found));
    } catch (error) {
      reject(error as TufError); // bytes of a collision: the others who wait have nothing to do with it
    }
  }

  #takeHeader(first: Wanted) {
    const line = this.#received.takeLine();
    if (line === undefined) return undefined;
    if (line === `${first.id} missing`) {
      this.#wanted.shift();
      first.reject(
        fail('GIT_MISSING', `object ${first.id}: not in the repository`, { details: { id: first.id } }),
      );
      return undefined;
    }
    const [, id, type, size] = HEADER.exec(line) ?? [];
    if (id !== first.id || type === undefined || size === undefined)
      throw fail('GIT_ANSWER', `git cat-file: "${escapeText(line, 120)}", expected object ${first.id}`);
    return { type: type as ObjectType, size: Number(size) };
  }

  /** Ends a process whose answer is not wanted to its end; the others who wait are asked for again. */
  #restart(error: TufError<GitErrorCode>): void {
    const [first, ...others] = this.#wanted;
    this.#wanted = [];
    this.#stop(error);
    first?.reject(error);
    this.#wanted = others;
    for (const { id } of others) this.#ask(id);
    this.#expectSoon();
  }

  #stop(error: TufError<GitErrorCode>): void {
    const child = this.#child;
    this.#child = undefined;
    this.#received = new ByteQueue();
    this.#header = undefined;
    clearTimeout(this.#timer);
    if (child !== undefined) killGroup(child);
    for (const { reject } of this.#wanted.splice(0)) reject(error);
  }

  #expectSoon(): void {
    clearTimeout(this.#timer);
    if (this.#wanted.length === 0) return keepAlive(this.#child, false);
    keepAlive(this.#child, true);
    const { milliseconds } = this.#options;
    this.#timer = setTimeout(
      () => this.#stop(fail('GIT_TIMEOUT', `git cat-file: no answer within ${milliseconds} ms`)),
      milliseconds,
    );
  }
}

const HEADER = /^([0-9a-f]+) (commit|tree|blob|tag) (0|[1-9][0-9]{0,14})$/;

export function wrongId(id: ObjectId, found: ObjectId): TufError<GitErrorCode> {
  return fail('GIT_WRONG_ID', `object ${id}: its bytes have the id ${found}`, { details: { id, found } });
}

/** An idle reader does not keep the program alive. */
function keepAlive(child: ChildProcessWithoutNullStreams | undefined, awake: boolean): void {
  const parts: readonly object[] = child ? [child, child.stdin, child.stdout, child.stderr] : [];
  for (const part of parts as readonly Partial<Record<'ref' | 'unref', () => void>>[]) {
    if (awake) part.ref?.();
    else part.unref?.();
  }
}
