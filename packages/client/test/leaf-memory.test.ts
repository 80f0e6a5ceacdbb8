import { openMemoryStore, parseFloors } from '@cargo-tuf/client';
import { describe, expect, it } from 'vitest';
import { NO_FLOORS } from '../src/floors.ts';
import { LeafMemory } from '../src/leaf-memory.ts';
import { leafOf } from './world.ts';

interface Root {
  readonly version: number;
  readonly root: string;
}

const at = (name: string, version: number) => new Map([[name, leafOf(name, version)]]);

async function kept(store: ReturnType<typeof openMemoryStore>): Promise<readonly string[]> {
  const bytes = (await store.read()).documents.get('floors') as Uint8Array;
  return [...parseFloors(bytes).leaves].map(([name, text]) => `${name} ${text.split(':', 1)[0]}`).sort();
}

describe('floors of leaves', () => {
  it('refuse a name that was there, and a version that falls; an absent name that was never there is none', () => {
    const floors = new LeafMemory({
      store: openMemoryStore(),
      floors: NO_FLOORS,
      revision: 0,
      proved: undefined,
    });
    expect(floors.raise(at('serde', 7))).toBe(true);
    expect(floors.raise(at('serde', 7))).toBe(false);
    const rollback = expect.objectContaining({ code: 'CLIENT_ROLLBACK' });
    expect(() => floors.raise(new Map([['serde', undefined]]))).toThrow(rollback);
    expect(() => floors.raise(at('serde', 6))).toThrow(rollback);
    expect(floors.raise(new Map([['tokio', undefined]]))).toBe(false);
  });

  it('are joined with those that another writer has put into the store', async () => {
    const store = openMemoryStore();
    const [one, other] = [0, 0].map(
      revision => new LeafMemory({ store, floors: NO_FLOORS, revision, proved: undefined }),
    ) as [LeafMemory, LeafMemory];
    for (const [floors, name, version] of [
      [one, 'serde', 7],
      [other, 'tokio', 3],
      [one, 'rand', 2],
    ] as const) {
      floors.raise(at(name, version));
      await floors.keep();
    }
    expect(await kept(store)).toEqual(['rand 2', 'serde 7', 'tokio 3']);
  });

  it('remember what one map proved, and nothing of another of the same version', async () => {
    const store = openMemoryStore();
    const memory = new LeafMemory({ store, floors: NO_FLOORS, revision: 0, proved: undefined });
    const [map, fork] = ['aa', 'bb'].map(byte => ({ version: 9, root: byte.repeat(32) })) as [Root, Root];
    memory.remember(map, at('serde', 7));
    memory.remember(map, new Map([['absent', undefined]]));
    expect([...(memory.proved?.leaves.keys() ?? [])]).toEqual(['serde', 'absent']);
    await memory.settle();
    const proved = (await store.read()).documents.get('proved');
    const later = new LeafMemory({ store, floors: NO_FLOORS, revision: 1, proved });
    expect(later.proved).toEqual(memory.proved);
    later.remember(fork, at('tokio', 3));
    expect(later.proved).toEqual({ ...fork, leaves: at('tokio', 3) });
  });

  it('keep what was proved while the write before it was under way', async () => {
    const kept = openMemoryStore();
    const map: Root = { version: 9, root: 'aa'.repeat(32) };
    let memory: LeafMemory | undefined;
    const store: typeof kept = {
      ...kept,
      replace: async (expected, changes) => {
        memory?.remember(map, at('tokio', 3));
        return kept.replace(expected, changes);
      },
    };
    memory = new LeafMemory({ store, floors: NO_FLOORS, revision: 0, proved: undefined });
    memory.remember(map, at('serde', 7));
    await memory.settle();
    await memory.settle();
    const proved = (await kept.read()).documents.get('proved');
    const read = new LeafMemory({ store: kept, floors: NO_FLOORS, revision: 2, proved }).proved;
    expect([...(read?.leaves.keys() ?? [])].sort()).toEqual(['serde', 'tokio']);
  });
});
