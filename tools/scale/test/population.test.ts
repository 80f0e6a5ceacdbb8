import { indexPathOfLowerCase } from '@cargo-tuf/crate-index';
import { describe, expect, it } from 'vitest';
import { drawDependencies, drawPublishes } from '../population/draws.ts';
import { KeyOrder, keyPrefix } from '../population/key-order.ts';
import { Ledger } from '../population/ledger.ts';
import { crateName, crateOfName } from '../population/names.ts';
import { textOrder } from '../population/text-order.ts';

const SIZE = 20_000;
const ledger = new Ledger(SIZE, 1);
const all = Array.from({ length: SIZE }, (_, crate) => crate);

describe('made-up crates', () => {
  it('have names that a registry takes, each its own, and lead back to their numbers', () => {
    const names = all.map(crate => crateName(1, crate));
    expect(new Set(names).size).toBe(SIZE);
    expect(names.map(crateOfName)).toEqual(all);
    for (const name of names) expect(indexPathOfLowerCase(name)).toContain(name);
    const mean = names.join('').length / SIZE;
    expect(mean).toBeGreaterThan(10.5);
    expect(mean).toBeLessThan(14);
  });

  it('are the same for the same seed, and others for another', () => {
    const again = new Ledger(SIZE, 1);
    const other = new Ledger(SIZE, 2);
    expect(all.slice(0, 50).map(crate => again.entry(crate))).toEqual(
      all.slice(0, 50).map(crate => ledger.entry(crate)),
    );
    expect(all.slice(0, 50).map(crate => other.name(crate))).not.toEqual(
      all.slice(0, 50).map(crate => ledger.name(crate)),
    );
  });

  it('are found by their names, and no others', () => {
    expect(ledger.find(ledger.name(17))).toBe(17);
    expect(ledger.find(crateName(1, SIZE))).toBeUndefined();
    expect(ledger.find('serde')).toBeUndefined();
  });

  it('have entries of 3.3 kB on average', () => {
    const mean = all.reduce((sum, crate) => sum + ledger.entry(crate).length, 0) / SIZE;
    expect(Math.abs(mean - 3_300)).toBeLessThan(300);
  });

  it('change with each publish', () => {
    const own = new Ledger(100, 1);
    const before = own.entry(5);
    const [[name, bytes] = []] = own.publish([5]);
    expect(name).toBe(own.name(5));
    expect(own.entry(5)).toMatchObject({ revision: before.revision + 1, length: bytes?.length });
    expect(own.entry(5).version).toBeGreaterThan(before.version);
    expect(own.entry(6)).toEqual(new Ledger(100, 1).entry(6));
  });
});

describe('orders', () => {
  it('by key are those of the keys', () => {
    const { crates, prefixes } = new KeyOrder(ledger);
    expect([...prefixes]).toEqual([...crates].map(crate => keyPrefix(ledger.path(crate))));
    expect([...prefixes]).toEqual([...prefixes].sort((left, right) => left - right));
    expect([...crates].sort((left, right) => left - right)).toEqual(all);
  });

  it('groups hold the crates whose keys begin alike', () => {
    const order = new KeyOrder(ledger);
    const groups = Array.from({ length: 8 }, (_, group) => [...order.group(3, group)]);
    expect(groups.flat()).toEqual([...order.crates]);
    for (const [group, crates] of groups.entries())
      for (const crate of crates) expect(keyPrefix(ledger.path(crate)) >>> 29).toBe(group);
  });

  it('by text are those of the texts', () => {
    const texts = all.map(crate => ledger.path(crate));
    expect(
      Array.from(
        textOrder(SIZE, crate => texts[crate] as string),
        crate => texts[crate],
      ),
    ).toEqual([...texts].sort());
  });
});

describe('draws', () => {
  it('are different crates of the registry, more of the popular ones', () => {
    const popular = drawDependencies(SIZE, 500, 0);
    const uniform = drawDependencies(SIZE, 500, 0, 'uniform');
    for (const crates of [popular, uniform]) {
      expect(new Set(crates).size).toBe(500);
      for (const crate of crates) expect(crate).toBeLessThan(SIZE);
    }
    const below = (crates: readonly number[]): number => crates.filter(crate => crate < SIZE / 10).length;
    expect(below(popular)).toBeGreaterThan(3 * below(uniform));
  });

  it('refuse more crates than there are', () => {
    expect(() => drawPublishes(10, 11, 0)).toThrow('11 of 10 crates');
  });
});
