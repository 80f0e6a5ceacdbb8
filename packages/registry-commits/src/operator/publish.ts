// A draft becomes the index: verified as a client does, written, and then the refs move at once. A crash before that leaves
// the old state and some objects that nothing names; after it, the new state.

import type { ObjectId } from '@cargo-tuf/git-object';
import { fail } from '../errors.ts';
import type { RegistryStore } from '../source.ts';
import { syncRegistry, type SyncOptions } from '../sync.ts';
import type { VerifiedRegistry } from '../verified-registry.ts';
import { keptRoot } from './base.ts';
import type { OperatorContext, RefMove } from './context.ts';
import type { Draft } from './draft.ts';

export interface Publication {
  readonly tip: ObjectId;
  /** Where the branch is now; null when it is not there. */
  readonly from: ObjectId | null;
  /** A rotation tag that is published with it. */
  readonly tag?: { readonly name: string; readonly id: ObjectId } | undefined;
  /** Refs that move along, such as proposals that go. */
  readonly moves?: readonly RefMove[];
}

/** Throws `REGISTRY_RESULT` with the client's refusal as its cause, and what `updateRefs` throws: nothing changed then. */
export async function publishDraft(
  context: OperatorContext,
  draft: Draft,
  { tip, from, tag, moves = [] }: Publication,
  anchor?: Uint8Array,
): Promise<VerifiedRegistry> {
  const { repository, store, branch } = context;
  if (tag !== undefined) draft.setRef(`refs/tags/${tag.name}`, tag.id);
  const root = anchor ?? (await keptRoot(context));
  await rehearse(context, draft, tip, root);
  await repository.writeAll(draft.objects);
  const tags: RefMove[] = [];
  if (tag !== undefined) {
    const name = `refs/tags/${tag.name}`;
    const before = (await repository.ref(name)) ?? null;
    if (before !== tag.id) tags.push({ name, to: tag.id, from: before });
  }
  await repository.updateRefs([{ name: branch, to: tip, from }, ...tags, ...moves]);
  // Only after the refs: a floor above what stands there would refuse the branch for ever.
  return syncRegistry(tip, optionsOf(context, repository, store, root));
}

async function rehearse(
  context: OperatorContext,
  draft: Draft,
  tip: ObjectId,
  anchor: Uint8Array,
): Promise<void> {
  const { documents } = await context.store.read();
  try {
    await syncRegistry(tip, optionsOf(context, draft, memoryStore(documents), anchor));
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const code: unknown = 'code' in cause ? cause.code : undefined;
    throw fail('REGISTRY_RESULT', `result: a client would refuse it: ${cause.message}`, {
      cause,
      details: { reason: typeof code === 'string' ? code : 'UNKNOWN' },
    });
  }
}

function optionsOf(
  { now, hashes, limits }: OperatorContext,
  source: SyncOptions['source'],
  store: RegistryStore,
  anchor: Uint8Array,
): SyncOptions {
  return { source, store, anchor, now, hashes, ...(limits !== undefined && { limits }) };
}

function memoryStore(documents: ReadonlyMap<string, Uint8Array>): RegistryStore {
  return { read: async () => ({ revision: 0, documents }), replace: async () => 0 };
}
