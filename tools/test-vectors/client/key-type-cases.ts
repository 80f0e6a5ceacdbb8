// Section 4.2: keys that are not Ed25519, as the keys of the timestamp.

import type { Case } from './case-file.ts';
import { makeRoot, publish } from './repository.ts';
import { recordedKey } from './recorded-keys.ts';
import { offline, refused, taken } from './steps.ts';
import { testKey } from './test-keys.ts';

const SCHEMES = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'rsassa-pss-sha256'] as const;

export async function keyTypeCases(): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const scheme of SCHEMES) {
    const signer = recordedKey(scheme);
    const anchor = await makeRoot({ keys: { timestamp: [signer] } });
    const honest = await publish({ timestamp: { signers: [signer] } });
    const changed = await publish({
      timestamp: {
        signers: [signer],
        forge: file => {
          file.signed['expires'] = '2039-01-01T00:00:00Z';
        },
      },
    });
    const other = await publish({
      timestamp: {
        signers: [testKey('stranger')],
        forge: file => {
          for (const signature of file.signatures) signature.keyid = keyIdOf(anchor);
        },
      },
    });
    cases.push({
      section: '4.2',
      description: `a timestamp that a key of scheme ${scheme} has signed`,
      anchor,
      steps: [
        refused(changed, 'signature-threshold', [1, null, null, null]),
        refused(other, 'signature-threshold', [1, null, null, null]),
        taken(honest, [1, 1, 1, 1]),
        offline([1, 1, 1, 1]),
      ],
    });
  }
  return cases;
}

/** The id of the only key of the timestamp. */
function keyIdOf(root: string): string {
  const { signed } = JSON.parse(root) as { signed: { roles: { timestamp: { keyids: string[] } } } };
  return signed.roles.timestamp.keyids[0] ?? '';
}
