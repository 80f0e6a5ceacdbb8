// What sections 5.4, 5.5 and 5.6 have in common: signatures, form, expiry, and that the file is there.

import type { Case, Reason, Versions } from './case-file.ts';
import { emptySignatures, repeatSignatures } from './forgeries.ts';
import { DAY, makeRoot, type Plan, publish, type RootOptions, START, withFile } from './repository.ts';
import { openRefusals, type Role, type RoleOptions } from './role-refusals.ts';
import { accepted, offline, refused, taken } from './steps.ts';
import { keyOf, testKey } from './test-keys.ts';

/** What every role has in common. */
export async function commonCases(
  role: Role,
  section: (step: 'fetch' | 'signature' | 'freeze') => string,
): Promise<readonly Case[]> {
  const refuse = await openRefusals(role);
  const path = role === 'timestamp' ? 'metadata/timestamp.json' : `metadata/2.${role}.json`;
  const honest = await publish({ version: 2 });
  const of = (options: RoleOptions): Plan => ({ [role]: options });
  const limit = 3000;
  const cases: Case[] = [];
  for (const [description, options, reason] of FAULTS)
    cases.push(await refuse({ section: section('signature'), description, plan: of(options), reason }));
  cases.push(
    await refuse({
      section: section('fetch'),
      description: 'is not there',
      files: withFile(honest, path, null),
      reason: 'not-found',
    }),
    await refuse({
      section: section('fetch'),
      description: 'is longer than the client allows',
      limits: { [role]: limit },
      plan: {
        ...of({ edit: signed => void signed.set('x-padding', 'x'.repeat(limit)) }),
        ...parentWithoutLength(role),
      },
      reason: 'too-long',
    }),
    await refuse({
      section: section('freeze'),
      description: 'has expired, in the second of the update',
      plan: of({ expires: START }),
      reason: 'expired',
    }),
    await refuse({
      section: section('freeze'),
      description: 'has expired long ago, and is signed by a stranger',
      plan: of({ expires: START - 999 * DAY, signers: [testKey('stranger')] }),
      reason: 'signature-threshold',
    }),
  );
  const plain = await publish(of({ expires: START + DAY }));
  cases.push({
    section: section('freeze'),
    description: 'what is trusted expires, and the mirror has no later one',
    anchor: await makeRoot(),
    steps: [
      taken(plain, [1, 1, 1, 1], { day: 1 - 1 / 86_400 }),
      refused(plain, 'expired', [1, 1, 1, 1], { day: 1 }),
      taken(await publish({ version: 2 }), [1, 2, 2, 2], { day: 1 }),
      offline([1, 2, 2, 2], { day: 1 }),
    ],
  });
  const [mine, second] = [testKey(role), testKey(`${role}-b`)];
  const idOfSecond = keyOf(second).keyId;
  const signed = async (description: string, threshold: number, options: RoleOptions): Promise<Case> => ({
    section: section('signature'),
    description,
    anchor: await rootOfTwo(role, threshold),
    steps: accepted(await publish(of(options)), [1, 1, 1, 1]),
  });
  cases.push(
    await signed('two keys of two have signed', 2, { signers: [mine, second] }),
    await signed('one key of two has signed, with a threshold of 1', 1, { signers: [second] }),
    await signed('the other key of two has left its signature empty', 1, {
      signers: [mine],
      forge: file => void file.signatures.unshift({ keyid: idOfSecond, sig: '' }),
    }),
    await signed('the other key of two has a wrong signature', 1, {
      signers: [mine],
      forge: file => void file.signatures.unshift({ keyid: idOfSecond, sig: '00'.repeat(64) }),
    }),
    await signed('a stranger has signed as well', 1, { signers: [mine, testKey('stranger')] }),
    await signed('unknown members', 1, {
      signers: [mine],
      edit: members => void members.set('x-unknown', new Map([['deep', ['ü', 1, false]]])),
    }),
    {
      section: section('signature'),
      description: 'one key of two has signed, with a threshold of 2',
      anchor: await rootOfTwo(role, 2),
      steps: [
        refused(await publish(of({ signers: [mine] })), 'signature-threshold', onlyBefore(role)),
        ...accepted(await publish({ version: 2, ...of({ signers: [mine, second] }) }), [1, 2, 2, 2]),
      ],
    },
    {
      section: section('signature'),
      description: 'one key of two has signed under both ids, with a threshold of 2',
      anchor: await rootOfTwo(role, 2),
      steps: [
        refused(
          await publish(
            of({
              signers: [mine],
              forge: file =>
                void file.signatures.push(...file.signatures.map(({ sig }) => ({ keyid: idOfSecond, sig }))),
            }),
          ),
          'signature-threshold',
          onlyBefore(role),
        ),
        ...accepted(await publish({ version: 2, ...of({ signers: [mine, second] }) }), [1, 2, 2, 2]),
      ],
    },
  );
  return cases;
}

/** What a client without state trusts when the role of a first update is refused. */
function onlyBefore(role: Role): Versions {
  if (role === 'timestamp') return [1, null, null, null];
  return role === 'snapshot' ? [1, 1, null, null] : [1, 1, 1, null];
}

/** The client's own limit counts where the parent states no length. */
function parentWithoutLength(role: Role): Plan {
  if (role === 'snapshot') return { timestamp: { named: { length: undefined } } };
  return role === 'targets' ? { snapshot: { named: { targets: { length: undefined } } } } : {};
}

/** A root with two keys for a role and this threshold. */
const rootOfTwo = (role: Role, threshold: number): Promise<string> => {
  const options: RootOptions = {
    keys: { [role]: [testKey(role), testKey(`${role}-b`)] },
    thresholds: { [role]: threshold },
  };
  return makeRoot(options);
};

/** Faults of one role's signatures and form, which every role refuses alike. */
const FAULTS: readonly (readonly [string, RoleOptions, Reason | readonly Reason[]])[] = [
  ['signed by a stranger', { signers: [testKey('stranger')] }, 'signature-threshold'],
  ['signed by the root key', { signers: [testKey('root')] }, 'signature-threshold'],
  [
    'signed by nobody',
    {
      forge: file => {
        file.signatures = [];
      },
    },
    'signature-threshold',
  ],
  ['with an empty signature', { forge: emptySignatures }, 'signature-threshold'],
  [
    'changed after it was signed',
    {
      forge: file => {
        file.signed['expires'] = '2039-01-01T00:00:00Z';
      },
    },
    'signature-threshold',
  ],
  [
    'with an unknown member that was added after it was signed',
    {
      forge: file => {
        file.signed['x-added'] = 1;
      },
    },
    'signature-threshold',
  ],
  ['two signatures under one key id', { forge: repeatSignatures }, ['format', 'signature-threshold']],
  ['of another type', { edit: signed => void signed.set('_type', 'mirrors') }, ['type', 'format']],
  ['without a version', { edit: signed => void signed.delete('version') }, 'format'],
  ['with a version that is text', { edit: signed => void signed.set('version', '2') }, 'format'],
  [
    'with version 0',
    { edit: signed => void signed.set('version', 0) },
    ['format', 'version', 'rollback', 'mix'],
  ],
  [
    'expires on 30 February',
    { edit: signed => void signed.set('expires', '2031-02-30T00:00:00Z') },
    'format',
  ],
  ['of specification 2', { edit: signed => void signed.set('spec_version', '2.0.0') }, 'format'],
];
