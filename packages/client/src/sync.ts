// One run of the client workflow (TUF specification 1.0.34, section 5) between a store and a source. What was accepted
// before an error is kept, so that no version floor is lost with it.

import { isTufError } from '@cargo-tuf/errors';
import { formatTime } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { type Floors, formatFloors, NO_FLOORS, raiseFloors } from './floors.ts';
import type { Store } from './store.ts';
import { dropComplete, keepComplete, readFloors, type Synced } from './stored.ts';
import type { TrustedMetadata } from './trusted.ts';
import { runWorkflow, type SyncContext } from './workflow.ts';

const ATTEMPTS = 8;
const CLOCK_STEP = 60 * 60 * 1000;

/** Brings the trusted state up to date. Another process that changes the store meanwhile makes it start over. */
export async function sync(context: SyncContext): Promise<Synced> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptSync(context);
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (attempt === ATTEMPTS) {
        throw fail('CLIENT_STORE_BUSY', `store: changed ${ATTEMPTS} times during one sync`, { cause: error });
      }
    }
  }
}

async function attemptSync(context: SyncContext): Promise<Synced> {
  const { revision, documents } = await context.store.read();
  const floors = readFloors(documents);
  assertClock(context, floors);
  const changes = new Map<string, Uint8Array | null>();
  let trusted: TrustedMetadata;
  try {
    trusted = await runWorkflow(context, documents, floors, changes);
  } catch (error) {
    keepComplete(documents, changes);
    await keepAccepted(context.store, revision, changes, error);
    throw error;
  }
  const raised = raiseFloors(floors, floorsOf(trusted, context.time));
  if (
    raised.tree > floors.tree ||
    raised.claims > floors.claims ||
    raised.clock >= floors.clock + CLOCK_STEP
  ) {
    changes.set('floors', formatFloors(raised));
  }
  dropComplete(documents, changes);
  const stored = changes.size > 0 ? await context.store.replace(revision, changes) : revision;
  return { trusted, floors: raised, revision: stored, proved: documents.get('proved') };
}

/** A store that cannot be written does not hide why the sync failed; one that was changed meanwhile starts it over. */
async function keepAccepted(
  store: Store,
  revision: number,
  changes: ReadonlyMap<string, Uint8Array | null>,
  reason: unknown,
): Promise<void> {
  if (changes.size === 0) return;
  try {
    await store.replace(revision, changes);
  } catch (error) {
    throw isConflict(error) ? error : reason;
  }
}

function isConflict(error: unknown): boolean {
  return isTufError(error) && error.kind === 'conflict';
}

function floorsOf(trusted: TrustedMetadata, time: number): Floors {
  return {
    ...NO_FLOORS,
    tree: trusted.delegated.get('crates')?.value.map?.version ?? 0,
    claims: trusted.delegated.get('claims')?.value.map?.version ?? 0,
    clock: time,
  };
}

function assertClock(context: SyncContext, floors: Floors): void {
  if (context.time >= floors.clock - context.limits.clockSlack) return;
  const seen = formatTime(floors.clock);
  const time = formatTime(context.time);
  throw fail('CLIENT_CLOCK', `clock: ${time}, expected ${seen} or later: the clock went backwards`, {
    details: { time, seen },
  });
}
