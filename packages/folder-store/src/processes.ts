// Who holds a lock, and whether that process still runs.
//
// A process is named by its id, the time it started and the place where that id means something. On Linux the
// place is the boot and the process-id namespace, so that two containers that share a folder never judge each
// other's ids; elsewhere it is the host, and the start is unknown.

import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

export interface ProcessName {
  readonly pid: number;
  /** Ticks since boot, in digits; empty where the system does not tell. */
  readonly started: string;
  readonly place: string;
}

/** `dead` and `alive` are certain. `unknown`: another place, or a system that does not tell starts. */
export type Liveness = 'alive' | 'dead' | 'unknown';

export interface Processes {
  self(): Promise<ProcessName>;
  judge(name: ProcessName): Promise<Liveness>;
}

export const nodeProcesses: Processes = {
  async self() {
    return { pid: process.pid, started: await startOf(process.pid), place: await placeOfThisProcess() };
  },

  async judge(name) {
    if (name.place !== (await placeOfThisProcess())) return 'unknown';
    if (!isRunning(name.pid)) return 'dead';
    if (name.started === '') return 'unknown';
    return (await startOf(name.pid)) === name.started ? 'alive' : 'dead';
  },
};

async function placeOfThisProcess(): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1');
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return `host ${hostname()}`;
  }
}

// Field 22 of /proc/<pid>/stat; the second field, in parentheses, may hold spaces and parentheses of its own.
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
