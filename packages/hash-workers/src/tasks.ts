// What a worker does when it is asked to. The same functions run in the caller's thread where there are no workers.

import { createFileTasks, type FileTasks } from './file-tasks.ts';
import { createMapTasks, type MapTasks } from './map-tasks.ts';

/** An answer, and the memory in it that goes to the one who asked instead of being copied. */
export interface Answer<Value> {
  readonly value: Value;
  readonly transfer: readonly ArrayBuffer[];
}

export type Tasks = MapTasks & FileTasks;
export type TaskName = keyof Tasks;
export type InputOf<Name extends TaskName> = Parameters<Tasks[Name]>[0];
export type ValueOf<Name extends TaskName> = ReturnType<Tasks[Name]>['value'];

/** Tasks of one thread; they remember what they were given between calls. */
export function createTasks(): Tasks {
  return { ...createMapTasks(), ...createFileTasks() };
}
