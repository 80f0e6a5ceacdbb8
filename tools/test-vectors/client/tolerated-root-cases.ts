// Section 5.3.4: what refuses no root.

import type { Case } from './case-file.ts';
import { makeRoot, type Members, publish, type RootOptions } from './repository.ts';
import { accepted } from './steps.ts';
import { keyOf, keysOf, testKey } from './test-keys.ts';

/** What a client does not know, or what does no harm, refuses nothing. */
export async function toleratedRoots(): Promise<readonly Case[]> {
  const anchor = await makeRoot();
  const take = async (description: string, options: RootOptions): Promise<Case> => ({
    section: '5.3.4',
    description,
    anchor,
    steps: accepted(
      await publish({ roots: { 2: await makeRoot({ version: 2, ...options }) } }),
      [2, 1, 1, 1],
    ),
  });
  const both = { keys: { root: keysOf('root', 'root-b') } };
  const second = keyOf(testKey('root-b')).keyId;
  return [
    await take('signed by old and new keys', {
      keys: { root: keysOf('root-b') },
      signers: keysOf('root', 'root-b'),
    }),
    await take('a key of an unknown type', {
      edit: signed => {
        const key: Members = new Map();
        key
          .set('keytype', 'future')
          .set('scheme', 'future-sha4')
          .set('keyval', new Map([['public', '00']]));
        signed.set('keys', new Map([...(signed.get('keys') as Members), ['ff'.repeat(32), key]]));
        const roles = new Map(signed.get('roles') as Members);
        const role = new Map(roles.get('timestamp') as Members);
        role.set('keyids', [...(role.get('keyids') as readonly string[]), 'ff'.repeat(32)]);
        signed.set('roles', roles.set('timestamp', role));
      },
    }),
    await take('an empty signature of another of its keys', {
      ...both,
      signers: keysOf('root'),
      forge: file => void file.signatures.push({ keyid: second, sig: '' }),
    }),
    await take('a wrong signature of another of its keys', {
      ...both,
      signers: keysOf('root'),
      forge: file => void file.signatures.push({ keyid: second, sig: '00'.repeat(64) }),
    }),
    await take('a signature of a key that is not listed', { signers: keysOf('root', 'stranger') }),
    await take('unknown members, in what is signed and beside it', {
      edit: signed => void signed.set('x-unknown', new Map([['list', [1, 'two', null]]])),
      forge: file => void Object.assign(file, { 'x-unsigned': true }),
    }),
    await take('another minor version of the specification', {
      edit: signed => void signed.set('spec_version', '1.99.0'),
    }),
  ];
}
