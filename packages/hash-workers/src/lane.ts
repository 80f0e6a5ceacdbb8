// One thread that does tasks, one after the other. Each is a message with a number; its answer has the same number.

import { type MessagePort, Worker } from 'node:worker_threads';
import { isTufError, TufError } from '@cargo-tuf/errors';
import { type Answer, createTasks, type InputOf, type TaskName, type Tasks, type ValueOf } from './tasks.ts';
import { fail } from './errors.ts';

export interface Lane {
  /** `transfer`: memory of the input that goes to the other thread instead of being copied. */
  call<Name extends TaskName>(
    name: Name,
    input: InputOf<Name>,
    transfer?: readonly ArrayBuffer[],
  ): Promise<ValueOf<Name>>;
  close(): Promise<void>;
}

interface Request {
  readonly id: number;
  readonly name: TaskName;
  readonly input: unknown;
}

type Reply = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly refused: RefusedTask }
  | { readonly thrown: unknown }
);

/** Our errors lose their fields on the way between threads. */
type RefusedTask = Pick<TufError, 'code' | 'kind' | 'hint' | 'message' | 'details'>;

/** Tasks in the caller's own thread. */
export function openOwnLane(): Lane {
  const tasks = createTasks();
  return {
    call: async (name, input) => run(tasks, name, input).value as never,
    close: async () => undefined,
  };
}

interface WaitingTask {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export function openWorkerLane(file: URL): Lane {
  const worker = new Worker(file, { execArgv: [] });
  const waiting = new Map<number, WaitingTask>();
  let next = 0;
  let ended: unknown;
  const end = (error: unknown): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('message', (reply: Reply) => {
    const task = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('value' in reply) task?.resolve(reply.value);
    else task?.reject('refused' in reply ? revive(reply.refused) : reply.thrown);
  });
  worker.on('error', cause => end(fail('WORKER_ENDED', 'worker: ended with an error', { cause })));
  worker.on('exit', code => end(fail('WORKER_ENDED', `worker: ended with ${code} before its work did`)));
  return {
    call: (name, input, transfer = []) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        const id = next++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        worker.postMessage({ id, name, input } satisfies Request, transfer);
      }),
    close: async () => void (await worker.terminate()),
  };
}

/** The other end of a worker's lane. */
export function answerTasks(port: MessagePort): void {
  const tasks = createTasks();
  port.on('message', ({ id, name, input }: Request) => {
    try {
      const { value, transfer } = run(tasks, name, input as never);
      port.postMessage({ id, value } satisfies Reply, transfer);
    } catch (error) {
      port.postMessage(
        (isTufError(error) ? { id, refused: strip(error) } : { id, thrown: error }) satisfies Reply,
      );
    }
  });
}

function run<Name extends TaskName>(tasks: Tasks, name: Name, input: InputOf<Name>): Answer<ValueOf<Name>> {
  const task = tasks[name] as (input: InputOf<Name>) => Answer<ValueOf<Name>>;
  return task(input);
}

function strip({ code, kind, hint, message, details }: TufError): RefusedTask {
  return { code, kind, hint, message, details };
}

function revive({ code, kind, hint, message, details }: RefusedTask): TufError {
  return new TufError(code, { kind, hint }, message, { details });
}
