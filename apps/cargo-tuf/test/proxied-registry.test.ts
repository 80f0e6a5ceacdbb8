import { parseRegistryId, type Registry, type RegistrySnapshot } from '@cargo-tuf/cargo-tuf-lib';
import { describe, expect, it } from 'vitest';
import { proxiedRegistry, syncAhead } from '../src/proxied-registry.ts';

/** A registry whose syncs end when they are told to. */
function slowRegistry(): { registry: Registry; end: (error?: Error) => void; syncs: () => number } {
  const waiting: ((error?: Error) => void)[] = [];
  let syncs = 0;
  const synced = { index: { keepAhead: async () => undefined } } as unknown as RegistrySnapshot;
  const registry = {
    id: parseRegistryId('crates-io'),
    sync: () => {
      syncs += 1;
      return new Promise<RegistrySnapshot>((resolve, reject) => {
        waiting.push(error => (error === undefined ? resolve(synced) : reject(error)));
      });
    },
  } as unknown as Registry;
  return { registry, end: error => waiting.shift()?.(error), syncs: () => syncs };
}

const settled = () => new Promise(resolve => setTimeout(resolve, 5));

describe('a registry that is synced ahead', () => {
  it('gives that sync to a run that begins meanwhile, and a sync of its own to the next', async () => {
    const { registry, end, syncs } = slowRegistry();
    const ahead = syncAhead(registry, () => undefined);
    const proxied = proxiedRegistry(registry, { offline: false, ahead });
    const first = proxied.pin();
    end();
    await first;
    await settled();
    expect(syncs()).toBe(1);
    const second = proxied.pin();
    await settled();
    end();
    await second;
    expect(syncs()).toBe(2);
  });

  it('syncs again, and tells why it fails, after a sync ahead that failed', async () => {
    const { registry, end, syncs } = slowRegistry();
    const told: unknown[] = [];
    const ahead = syncAhead(registry, error => told.push(error));
    const pinned = proxiedRegistry(registry, { offline: false, ahead }).pin();
    end(new Error('first'));
    await settled();
    end(new Error('second'));
    await expect(pinned).rejects.toThrow('second');
    expect(String(told)).toBe('Error: first');
    expect(syncs()).toBe(2);
  });
});
