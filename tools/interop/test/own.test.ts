// Repositories of ours, through our client and tuf-js: equal results.

import { generateKeyPair, type Signer } from '@cargo-tuf/keys';
import type { DelegatedRole, Delegations } from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';
import { keyMap, makeOwnRepository, type OwnRepositoryOptions, roleKeys } from '../own-repository.ts';
import { type Reading, readBoth } from '../readers.ts';

const ed25519 = (): Signer => generateKeyPair('ed25519').signer;
const p256 = (): Signer => generateKeyPair('ecdsa-sha2-nistp256').signer;
const one = ed25519();
const other = p256();
const signersOf = (...signers: Signer[]) => ({
  root: signers,
  timestamp: signers,
  snapshot: signers,
  targets: signers,
});
const delegate = (...roles: DelegatedRole[]): Delegations => ({ keys: keyMap([one, other]), roles });
const toRole = (
  name: string,
  trust: Pick<DelegatedRole, 'paths'> | Pick<DelegatedRole, 'pathHashPrefixes'>,
  terminating = false,
): DelegatedRole => ({ name, terminating, ...roleKeys([one]), ...trust });
const role = (targets: Record<string, string>, delegations?: Delegations) => ({
  targets,
  signers: [one],
  ...(delegations && { delegations }),
});

const PLAIN = { 'serde.json': 'serde', 'se/rd/serde': 'entry', 'a/b/c/d/e': '', 'with space': 'x' };
const HALVES = [
  Array.from({ length: 8 }, (_, digit) => digit.toString(16)),
  Array.from({ length: 8 }, (_, digit) => (digit + 8).toString(16)),
] as const;
const BINS = 16;
const binOptions = (bitLength: number): OwnRepositoryOptions => ({
  signers: signersOf(one),
  targets: {
    delegations: {
      keys: keyMap([one]),
      roles: [],
      succinctRoles: { ...roleKeys([one]), bitLength, namePrefix: 'bin' },
    },
  },
  // Every bin lists every name: which one is asked is what the two must agree on.
  delegated: Object.fromEntries(
    Array.from({ length: 2 ** bitLength }, (_, bin) => {
      const name = `bin-${bin.toString(16).padStart((2 ** bitLength - 1).toString(16).length, '0')}`;
      return [name, role({ 'in-all': name, [`only-${bin}`]: name, 'a/é': name, 'x y': name })];
    }),
  ),
});

/** By name: a repository, and what is asked of it. */
const REPOSITORIES: Readonly<Record<string, { options: OwnRepositoryOptions; names: readonly string[] }>> = {
  'Ed25519, consistent snapshots': {
    options: { signers: signersOf(one), targets: { targets: PLAIN } },
    names: [...Object.keys(PLAIN), 'nowhere', 'serde', 'se/rd'],
  },
  'Ed25519, no consistent snapshots': {
    options: { signers: signersOf(one), targets: { targets: PLAIN }, consistentSnapshot: false },
    names: [...Object.keys(PLAIN), 'nowhere'],
  },
  'ECDSA P-256': {
    options: { signers: signersOf(other), targets: { targets: PLAIN } },
    names: Object.keys(PLAIN),
  },
  'two of two keys of both kinds': {
    options: { signers: signersOf(one, other), threshold: 2, targets: { targets: PLAIN, version: 7 } },
    names: Object.keys(PLAIN),
  },
  'four versions of root': {
    options: { signers: signersOf(one), targets: { targets: PLAIN }, rotations: 3 },
    names: Object.keys(PLAIN),
  },
  'delegations by patterns, the first in order': {
    options: {
      signers: signersOf(one),
      targets: {
        targets: { top: 'targets' },
        delegations: delegate(
          toRole('first', { paths: ['a/*', 'top', '?.txt'] }),
          toRole('second', { paths: ['a/*', 'b/*', '*/*/x*z', '*.txt'] }),
        ),
      },
      delegated: {
        first: role({ top: 'first', 'a/1': 'first', 'b/1': 'first, not its own', 'x.txt': 'first' }),
        second: role({
          'a/1': 'second',
          'a/2': 'second',
          'b/1': 'second',
          'c/d/xyz': 'second',
          'c/d/xy': 'second, not its own',
          'x.txt': 'second',
          'xx.txt': 'second',
        }),
      },
    },
    names: ['top', 'a/1', 'a/2', 'a/3', 'a/b/1', 'b/1', 'c/d/xyz', 'c/d/xy', 'x.txt', 'xx.txt', 'A/1'],
  },
  'a delegation that ends the search': {
    options: {
      signers: signersOf(one),
      targets: {
        delegations: delegate(
          toRole('last', { paths: ['a/*'] }, true),
          toRole('never', { paths: ['a/*', 'b/*'] }),
        ),
      },
      delegated: {
        last: role({ 'a/1': 'last' }, delegate(toRole('below', { paths: ['a/2'] }))),
        below: role({ 'a/2': 'below' }),
        never: role({ 'a/1': 'never', 'a/2': 'never', 'a/3': 'never', 'b/1': 'never' }),
      },
    },
    names: ['a/1', 'a/2', 'a/3', 'b/1', 'b/2'],
  },
  'delegations four deep, with a circle': {
    options: {
      signers: signersOf(one),
      targets: { delegations: delegate(toRole('A', { paths: ['*/*'] })) },
      delegated: {
        A: role({ 'a/1': 'A' }, delegate(toRole('B', { paths: ['*/*'] }))),
        B: role({ 'a/2': 'B' }, delegate(toRole('C', { paths: ['*/*'] }))),
        C: role({ 'a/3': 'C' }, delegate(toRole('A', { paths: ['*/*'] }), toRole('D', { paths: ['a/*'] }))),
        D: role({ 'a/4': 'D', 'b/4': 'D, not its own' }),
      },
    },
    names: ['a/1', 'a/2', 'a/3', 'a/4', 'b/4', 'a/5'],
  },
  'delegations by hash prefixes': {
    options: {
      signers: signersOf(one),
      targets: {
        delegations: delegate(
          toRole('low', { pathHashPrefixes: HALVES[0] }),
          toRole('high', { pathHashPrefixes: HALVES[1] }),
        ),
      },
      delegated: {
        low: role({ a: 'low', b: 'low', 'c/d': 'low', é: 'low', 'x y': 'low' }),
        high: role({ a: 'high', b: 'high', 'c/d': 'high', é: 'high', 'x y': 'high' }),
      },
    },
    names: ['a', 'b', 'c/d', 'é', 'x y', 'z'],
  },
  'a role that another kind of key signs': {
    options: {
      signers: signersOf(one),
      targets: {
        delegations: delegate({ ...toRole('theirs', { paths: ['*'] }), ...roleKeys([one, other], 2) }),
      },
      delegated: { theirs: { ...role({ a: 'theirs' }), signers: [one, other] } },
    },
    names: ['a', 'b'],
  },
  [`${BINS} succinct bins`]: {
    options: binOptions(4),
    names: ['in-all', 'a/é', 'x y', 'nowhere', ...Array.from({ length: BINS }, (_, bin) => `only-${bin}`)],
  },
  '2 succinct bins, no consistent snapshots': {
    options: { ...binOptions(1), consistentSnapshot: false },
    names: ['only-0', 'only-1', 'nowhere'],
  },
  'role names that are escaped': {
    options: {
      signers: signersOf(one),
      targets: { delegations: delegate(toRole('team a/rôle', { paths: ['*'] })) },
      delegated: { 'team a/rôle': role({ a: 'a' }) },
    },
    names: ['a', 'b'],
  },
};

describe.each(Object.entries(REPOSITORIES))('%s', (_, { options, names }) => {
  it('is read with equal results', async () => {
    const { ours, theirs, reasons } = await readBoth(await makeOwnRepository(options), names);
    expect(reasons).toEqual({ ours: [], theirs: [] });
    expect(theirs).toEqual(ours);
    const found = Object.values((ours as Reading).targets).filter(target => target !== 'absent');
    expect(found.length).toBeGreaterThan(0);
  });
});

describe('refused by both', () => {
  const plain: OwnRepositoryOptions = { signers: signersOf(one), targets: { targets: PLAIN } };
  const CASES: Readonly<Record<string, OwnRepositoryOptions>> = {
    'a timestamp that another key signed': { ...plain, signers: { ...plain.signers, timestamp: [other] } },
    'one signature of two': { ...plain, signers: signersOf(one, other), threshold: 2 },
    'targets that another key signed': { ...plain, signers: { ...plain.signers, targets: [other] } },
  };
  // The root says `one`, or both, whoever signed below it.
  const rootOf = (options: OwnRepositoryOptions) => {
    const signers = options.threshold === 2 ? [one, other] : [one];
    const names = ['root', 'timestamp', 'snapshot', 'targets'] as const;
    const roles = names.map(name => [name, roleKeys(signers, options.threshold)] as const);
    return { keys: keyMap(signers), roles: new Map(roles) };
  };

  it.each(Object.entries(CASES))('%s', async (_, options) => {
    const root = rootOf(options);
    const signers = options.threshold === 2 ? { ...options.signers, snapshot: [one] } : options.signers;
    const repository = await makeOwnRepository({ ...options, signers, root });
    const { ours, theirs } = await readBoth(repository, []);
    expect([ours, theirs]).toEqual(['refused', 'refused']);
  });

  it('a delegated role that the snapshot does not name, or that another key signed', async () => {
    const targets = { delegations: delegate(toRole('A', { paths: ['*'] })) };
    const missing = await makeOwnRepository({
      ...plain,
      targets,
      delegated: { A: role({ a: 'A' }) },
      unnamed: ['A'],
    });
    const foreign = await makeOwnRepository({
      ...plain,
      targets,
      delegated: { A: { ...role({ a: 'A' }), signers: [other] } },
    });
    for (const repository of [missing, foreign]) {
      const { ours, theirs } = await readBoth(repository, ['a']);
      expect([ours, theirs]).toMatchObject([{ targets: { a: 'refused' } }, { targets: { a: 'refused' } }]);
    }
  });
});
