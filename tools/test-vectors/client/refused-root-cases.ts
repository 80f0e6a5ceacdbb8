// Sections 5.3.3 to 5.3.5: the next root, refused.

import type { Case, Versions } from './case-file.ts';
import { repeatSignatures } from './forgeries.ts';
import {
  describe,
  type Files,
  makeRoot,
  makeTimestamp,
  type Members,
  publish,
  type RootOptions,
  withFile,
} from './repository.ts';
import { refusal } from './steps.ts';
import { keyOf, keysOf, testKey } from './test-keys.ts';

/** A second root that is refused after a good state, and an honest one after it. */
export async function nextRootRefusals(): Promise<readonly Case[]> {
  const plain = await publish();
  const before = [plain, [1, 1, 1, 1]] as const;
  const anchor = await makeRoot();
  const served = (text: string): Files => withFile(plain, 'metadata/2.root.json', text);
  const after = [served(await makeRoot({ version: 2 })), [2, 1, 1, 1]] as const;
  const trusted: Versions = [1, 1, 1, 1];
  const refuse = (
    section: string,
    description: string,
    text: string,
    reason: Parameters<typeof refusal>[0]['reason'],
  ): Case => refusal({ section, description, anchor, before, serves: served(text), reason, trusted, after });

  const rotated: RootOptions = { version: 2, keys: { root: keysOf('root-b') } };
  const wide: RootOptions = {
    version: 2,
    keys: { root: keysOf('root-b', 'root-c') },
    thresholds: { root: 2 },
  };
  const other = (version: number): Promise<string> => makeRoot({ version });
  const root = keyOf(testKey('root')).keyId;
  const cases = [
    refuse(
      '5.3.4',
      'signed by the keys of the old root alone',
      await makeRoot({ ...rotated, signers: keysOf('root') }),
      'signature-threshold',
    ),
    refuse('5.3.4', 'signed by its own keys alone', await makeRoot(rotated), 'signature-threshold'),
    refuse(
      '5.3.4',
      'signed by a stranger',
      await makeRoot({ version: 2, signers: keysOf('stranger') }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'signed by nobody',
      await makeRoot({
        version: 2,
        forge: file => {
          file.signatures = [];
        },
      }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'signed by the timestamp key',
      await makeRoot({ version: 2, signers: keysOf('timestamp') }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'below its own threshold',
      await makeRoot({ ...wide, signers: keysOf('root', 'root-b') }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'changed after it was signed',
      await makeRoot({
        version: 2,
        forge: file => {
          file.signed['expires'] = '2039-01-01T00:00:00Z';
        },
      }),
      'signature-threshold',
    ),
    refuse(
      '5.3.4',
      'a timestamp in its place',
      await makeTimestamp({ version: 2, signers: keysOf('root') }),
      ['type', 'format'],
    ),
    refuse(
      '5.3.4',
      'a threshold of nothing',
      await makeRoot({ version: 2, edit: signed => editRole(signed, 'timestamp', { threshold: 0 }) }),
      'format',
    ),
    refuse(
      '5.3.4',
      'a threshold that its keys cannot meet',
      await makeRoot({ version: 2, edit: signed => editRole(signed, 'root', { threshold: 2 }) }),
      ['format', 'signature-threshold'],
    ),
    refuse(
      '5.3.4',
      'without the role snapshot',
      await makeRoot({ version: 2, edit: signed => editRole(signed, 'snapshot', undefined) }),
      'format',
    ),
    refuse('5.3.4', 'cut off', (await other(2)).slice(0, 300), 'format'),
    refuse('5.3.4', 'empty', '', 'format'),
    refuse(
      '5.3.4',
      'of specification 2',
      await makeRoot({ version: 2, edit: signed => signed.set('spec_version', '2.0.0') }),
      'format',
    ),
    refuse(
      '5.3.4',
      'two signatures under one key id',
      await makeRoot({ version: 2, forge: repeatSignatures }),
      'format',
    ),
    refuse('5.3.5', 'the version of the trusted root again', await other(1), 'version'),
    refuse('5.3.5', 'a version that leaves one out', await other(3), 'version'),
    refuse('5.3.5', 'version 0', await makeRoot({ version: 2, edit: signed => signed.set('version', 0) }), [
      'format',
      'version',
    ]),
  ];

  const second = await makeRoot({
    version: 2,
    thresholds: { root: 2 },
    keys: { root: keysOf('root', 'root-b') },
  });
  const pair = { keys: { root: keysOf('root', 'root-b') }, thresholds: { root: 2 } };
  const pairAnchor = await makeRoot(pair);
  const twice = refusal({
    section: '5.3.4',
    description: 'the old threshold of 2 is not met, the threshold of 1 in the root itself is',
    anchor: pairAnchor,
    before,
    serves: served(await makeRoot({ version: 2 })),
    reason: 'signature-threshold',
    trusted,
    after: [served(await makeRoot({ version: 2, signers: keysOf('root', 'root-b') })), [2, 1, 1, 1]],
  });
  const repeated = refusal({
    section: '5.3.4',
    description: 'one key that has signed twice under its id does not meet a threshold of 2',
    anchor: pairAnchor,
    before,
    serves: served(await makeRoot({ version: 2, forge: repeatSignatures })),
    reason: ['format', 'signature-threshold'],
    trusted,
    after: [served(second), [2, 1, 1, 1]],
  });
  const alias = await sameKeyTwice();
  const aliased = refusal({
    section: '5.3.4',
    description: 'one public key under two key ids does not meet a threshold of 2',
    anchor,
    before,
    serves: served(
      await makeRoot({
        version: 2,
        edit: alias.edit,
        forge: file => {
          const [signature] = file.signatures.filter(each => each.keyid === root);
          if (signature) file.signatures.push({ ...signature, keyid: alias.keyId });
        },
      }),
    ),
    reason: 'signature-threshold',
    trusted,
    after,
  });
  const third = refusal({
    section: '5.3.5',
    description: 'an older version under the name of the next',
    anchor,
    before: after,
    serves: withFile(after[0], 'metadata/3.root.json', await other(2)),
    reason: 'version',
    trusted: [2, 1, 1, 1],
    after: [withFile(after[0], 'metadata/3.root.json', await other(3)), [3, 1, 1, 1]],
  });
  const long = await makeRoot({ version: 2, edit: signed => signed.set('x-padding', 'x'.repeat(3000)) });
  return [
    ...cases,
    twice,
    repeated,
    aliased,
    third,
    refusal({
      section: '5.3.3',
      description: 'a root that is longer than the client allows',
      anchor,
      limits: { root: 3000 },
      before,
      serves: served(long),
      reason: 'too-long',
      trusted,
      after,
    }),
    refusal({
      section: '5.3.4',
      description: 'a good root before a bad one is kept',
      anchor,
      before,
      serves: withFile(
        after[0],
        'metadata/3.root.json',
        await makeRoot({ version: 3, signers: keysOf('stranger') }),
      ),
      reason: 'signature-threshold',
      trusted: [2, 1, 1, 1],
      after: [withFile(after[0], 'metadata/3.root.json', await other(3)), [3, 1, 1, 1]],
    }),
  ];
}

type Edit = NonNullable<RootOptions['edit']>;

/** Changes the members of a role, or takes the role out. */
function editRole(
  signed: Members,
  role: string,
  members: Readonly<Record<string, number>> | undefined,
): void {
  const roles = new Map(signed.get('roles') as Members);
  const changed = new Map([...(roles.get(role) as Members), ...Object.entries(members ?? {})]);
  if (members === undefined) roles.delete(role);
  else roles.set(role, changed);
  signed.set('roles', roles);
}

/** The root key once more, with a member that changes its id and not the key; both ids are needed. */
async function sameKeyTwice(): Promise<{ keyId: string; edit: Edit }> {
  const { keyId: known, raw } = keyOf(testKey('root'));
  const keyId = describeKeyId(raw as ReadonlyMap<string, unknown>);
  const edit: Edit = signed => {
    const keys = new Map(signed.get('keys') as Members);
    keys.set(keyId, new Map([...raw, ['x-note', 'same key']]));
    signed.set('keys', keys);
    const roles = new Map(signed.get('roles') as Members);
    const role = new Map(roles.get('root') as Members);
    roles.set('root', role.set('keyids', [known, keyId]).set('threshold', 2));
    signed.set('roles', roles);
  };
  return { keyId, edit };
}

/** The id of the key with the member "x-note": SHA-256 of its canonical form, whose members are sorted. */
function describeKeyId(raw: ReadonlyMap<string, unknown>): string {
  const value = Object.fromEntries(raw.get('keyval') as ReadonlyMap<string, string>) as object;
  const key = { keytype: raw.get('keytype'), keyval: value, scheme: raw.get('scheme'), 'x-note': 'same key' };
  return describe(1, JSON.stringify(key)).hashes?.get('sha256') ?? '';
}
