// Sections 5.5.2, 5.5.4, 5.6.2 and 5.6.4: content and version against what the parent says.

import { encodeHex, sha512 } from '@cargo-tuf/keys';
import type { Case } from './case-file.ts';
import { describe, makeRoot, type Members, type Plan, publish, textOf, withFile } from './repository.ts';
import { type Given, openRefusals, type RoleOptions } from './role-refusals.ts';
import { accepted } from './steps.ts';

/** Content against what the parent says of it, for the second version of a role. */
export async function contentCases(
  role: 'snapshot' | 'targets',
  section: string,
  versionSection: string,
): Promise<readonly Case[]> {
  const refuse = await openRefusals(role);
  const anchor = await makeRoot();
  const honest = await publish({ version: 2 });
  const path = `metadata/2.${role}.json`;
  const text = textOf(honest, path);
  const exchanged = (description: string, changed: string, reason: Given['reason']): Promise<Case> =>
    refuse({ section, description, files: withFile(honest, path, changed), reason });
  const named = (members: NonNullable<RoleOptions['named']>): Plan =>
    role === 'snapshot' ? { timestamp: { named: members } } : { snapshot: { named: { targets: members } } };
  const digest = describe(2, text).hashes?.get('sha256') ?? '';
  const long = encodeHex(sha512(new TextEncoder().encode(text)));
  const take = async (description: string, plan: Plan): Promise<Case> => ({
    section,
    description,
    anchor,
    steps: accepted(await publish({ version: 2, ...plan }), [1, 2, 2, 2]),
  });
  return [
    await exchanged(
      'a byte of its signature is another',
      text.replace(/"sig":"(.)/, (_, digit) => `"sig":"${digit === '0' ? 1 : 0}`),
      'hash',
    ),
    await exchanged('a byte longer', `${text}\n`, 'length'),
    await exchanged('a byte shorter', text.slice(0, -1), 'length'),
    await exchanged('empty', '', 'length'),
    await exchanged('the version before', textOf(await publish(), `metadata/1.${role}.json`), [
      'hash',
      'length',
    ]),
    await refuse({
      section,
      description: 'the length that is signed is another',
      plan: named({ length: text.length + 1 }),
      reason: 'length',
    }),
    await refuse({
      section,
      description: 'the hash that is signed is another',
      plan: named({ hashes: new Map([['sha256', '00'.repeat(32)]]) }),
      reason: 'hash',
    }),
    await refuse({
      section,
      description: 'one of two hashes is another',
      plan: named({
        hashes: new Map([
          ['sha256', digest],
          ['sha512', '00'.repeat(64)],
        ]),
      }),
      reason: 'hash',
    }),
    await take(
      'named by two hashes',
      named({
        hashes: new Map([
          ['sha256', digest],
          ['sha512', long],
        ]),
      }),
    ),
    await take('named by version alone', named({ length: undefined, hashes: undefined })),
    await take('named by its length and no hash', named({ hashes: undefined })),
    await take('named by its hash and no length', named({ length: undefined })),
    await refuse({
      section: versionSection,
      description: 'a higher version than is named',
      plan: { [role]: { edit: (signed: Members) => void signed.set('version', 9) } },
      reason: 'mix',
    }),
    await refuse({
      section: versionSection,
      description: 'a lower version than is named',
      plan: { [role]: { edit: (signed: Members) => void signed.set('version', 1) } },
      reason: 'mix',
    }),
  ];
}
