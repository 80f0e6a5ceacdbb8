// The lock between processes: a folder of numbered files, of which the highest says who holds it.
//
//   lock/41            {"nonce":"…","pid":812,"place":"<boot> pid:[4026531836]","started":"90211"}
//   lock/41.released   empty: number 41 is done
//
// To take the lock is to create the next number, which the file system grants to one process only. The next
// number may be created when the highest is released or its holder is dead, so a crash leaves nothing to clean up
// by hand. Numbers never fall, and the highest is never removed: a process that decided long ago to take number
// 42, and wakes up when 43 exists, sees 43 and withdraws. Removing a stale file and creating the same name again,
// as the usual lock files do, gives the lock to two processes here.
//
// A holder in another container or on another host cannot be judged by its process id. It touches its file as long as
// it lives, and counts as dead after the waiter, by its own clock, has seen no touch for `silenceMs`.

import { randomBytes } from 'node:crypto';
import { encodeCanonical, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import { ensureFolder } from './atomic-write.ts';
import { fail } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { STORE_LIMITS } from './limits.ts';
import type { ProcessName, Processes } from './processes.ts';

export interface LockTimes {
  /** How long to wait for another holder before STORE_LOCKED. */
  readonly waitMs: number;
  /** How often a holder shows that it lives. */
  readonly touchMs: number;
  /** How long a holder that cannot be judged may be silent. */
  readonly silenceMs: number;
}

export const LOCK_TIMES: LockTimes = { waitMs: 300_000, touchMs: 2000, silenceMs: 30_000 };

export interface HeldLock {
  /** Throws STORE_LOCK_LOST when another process took over, or after release. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

export async function acquireLock(
  fileSystem: FileSystem,
  folder: string,
  processes: Processes,
  times: LockTimes,
): Promise<HeldLock> {
  await ensureFolder(fileSystem, folder);
  const owner = encodeOwner(await processes.self());
  const started = performance.now();
  let silence: Silence | undefined;
  for (;;) {
    const latest = await latestTurn(fileSystem, folder);
    silence = observeSilence(silence, latest);
    if (await isFree(fileSystem, folder, processes, latest, silence.lasted > times.silenceMs)) {
      const held = await takeTurn(fileSystem, folder, latest.number + 1, owner, times);
      if (held !== null) return held;
    } else if (performance.now() - started >= times.waitMs) {
      throw await lockedError(fileSystem, folder, latest, times);
    }
    await sleep(20 + Math.random() * 60);
  }
}

/** The highest number in the folder; 0 before the first. */
interface Turn {
  readonly number: number;
  readonly released: boolean;
  readonly written: number;
}

async function latestTurn(fileSystem: FileSystem, folder: string): Promise<Turn> {
  const entries = await fileSystem.list(folder);
  let latest: Turn = { number: 0, released: true, written: 0 };
  for (const { name, written } of entries) {
    const number = turnOf(name);
    if (number > latest.number) latest = { number, released: false, written };
  }
  const marker = `${latest.number}.released`;
  return entries.some(entry => entry.name === marker) ? { ...latest, released: true } : latest;
}

function turnOf(name: string): number {
  return /^[1-9][0-9]{0,14}$/.test(name) ? Number(name) : 0;
}

/** How long, by our own clock, the holder's file has kept one and the same time. */
interface Silence {
  readonly turn: Turn;
  readonly since: number;
  readonly lasted: number;
}

function observeSilence(before: Silence | undefined, turn: Turn): Silence {
  const time = performance.now();
  const same = before?.turn.number === turn.number && before.turn.written === turn.written;
  return same ? { ...before, lasted: time - before.since } : { turn, since: time, lasted: 0 };
}

async function isFree(
  fileSystem: FileSystem,
  folder: string,
  processes: Processes,
  latest: Turn,
  silent: boolean,
): Promise<boolean> {
  if (latest.released) return true;
  const owner = await ownerOf(fileSystem, folder, latest);
  // A crash between the making of the file and the writing of its bytes leaves no owner to ask.
  const liveness = owner === null ? 'unknown' : await processes.judge(owner);
  return liveness === 'dead' || (liveness === 'unknown' && silent);
}

async function takeTurn(
  fileSystem: FileSystem,
  folder: string,
  number: number,
  owner: Uint8Array,
  times: LockTimes,
): Promise<HeldLock | null> {
  const path = `${folder}/${number}`;
  if (!(await fileSystem.create(path, owner))) return null;
  const names = await fileSystem.names(folder);
  if (Math.max(...names.map(turnOf)) !== number) {
    await fileSystem.remove(path);
    return null;
  }
  await removeBefore(fileSystem, folder, names, number);
  const beat = setInterval(() => void fileSystem.touch(path).catch(() => false), times.touchMs);
  beat.unref();
  return {
    async confirm() {
      const names = await fileSystem.names(folder);
      const turn = Math.max(0, ...names.map(turnOf));
      const released = names.includes(`${turn}.released`);
      if (turn === number && !released) return;
      throw fail('STORE_LOCK_LOST', `lock: turn ${turn}, expected to hold turn ${number}`, {
        details: { turn, expected: number, released },
      });
    },
    async release() {
      clearInterval(beat);
      await fileSystem.create(`${path}.released`, new Uint8Array());
    },
  };
}

async function removeBefore(
  fileSystem: FileSystem,
  folder: string,
  names: readonly string[],
  number: number,
): Promise<void> {
  for (const name of names) {
    const before = turnOf(name.endsWith('.released') ? name.slice(0, -'.released'.length) : name);
    if (before > 0 && before < number) await fileSystem.remove(`${folder}/${name}`);
  }
}

async function lockedError(
  fileSystem: FileSystem,
  folder: string,
  turn: Turn,
  times: LockTimes,
): Promise<Error> {
  const owner = await ownerOf(fileSystem, folder, turn);
  const holder = owner === null ? 'an unknown process' : `process ${owner.pid}`;
  return fail('STORE_LOCKED', `lock: held by ${holder} for more than ${times.waitMs} ms`, {
    details: { pid: owner?.pid ?? null, place: owner?.place ?? null, waitedMs: times.waitMs },
  });
}

function encodeOwner(name: ProcessName): Uint8Array {
  return encodeCanonical(
    new Map<string, JsonValue>([
      ['nonce', randomBytes(8).toString('hex')],
      ['pid', name.pid],
      ['place', name.place],
      ['started', name.started],
    ]),
  );
}

async function ownerOf(fileSystem: FileSystem, folder: string, turn: Turn): Promise<ProcessName | null> {
  const bytes = await fileSystem.read(`${folder}/${turn.number}`, STORE_LIMITS.lockBytes);
  return bytes === null ? null : decodeOwner(bytes);
}

function decodeOwner(bytes: Uint8Array): ProcessName | null {
  try {
    const tree = parseJson(bytes);
    if (!isJsonObject(tree)) return null;
    const [pid, place, started] = [tree.get('pid'), tree.get('place'), tree.get('started')];
    if (typeof pid !== 'number' || pid < 1 || typeof place !== 'string' || typeof started !== 'string')
      return null;
    return { pid, place, started };
  } catch {
    return null;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
