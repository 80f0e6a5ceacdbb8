// The vectors are made from the cases beside this file: `vitest run -u` writes them again.

import { readFileSync } from 'node:fs';
import {
  type ArmorType,
  type HashName,
  parseArmor,
  parseCertificate,
  parseFingerprint,
  verifyDetached,
  verifyKeyId,
} from '@cargo-tuf/openpgp';
import { describe, expect, it } from 'vitest';
import { type ArmorCase, armorCases } from './armor-cases.ts';
import type { CertificateCase } from './certificate-case.ts';
import { certificateCases } from './certificate-cases.ts';
import { keyCases } from './key-cases.ts';
import { type KeyIdCase, keyIdCases } from './key-id-cases.ts';
import { ownSignatureCases } from './own-signature-cases.ts';
import type { SignatureCase } from './signature-case.ts';
import { signatureCases } from './signature-cases.ts';
import { signerCases } from './signer-cases.ts';

const FOLDER = '../../../test-vectors/openpgp';

function casesOf<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`${FOLDER}/${name}.json`, import.meta.url), 'utf8')) as readonly T[];
}

/** One case a line. */
function format(cases: readonly object[]): string {
  return `[\n${cases.map(each => `  ${JSON.stringify(each)}`).join(',\n')}\n]\n`;
}

const all = {
  armor: armorCases,
  certificates: [...certificateCases, ...ownSignatureCases],
  'key-ids': keyIdCases,
  keys: keyCases,
  signatures: [...signatureCases, ...signerCases],
};

/** The code of what `work` throws, or 'ok'. */
function outcomeOf(work: () => void): unknown {
  try {
    work();
    return 'ok';
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

const present = (options: { hashes?: readonly string[] }) =>
  options.hashes === undefined ? {} : { hashes: options.hashes as readonly HashName[] };

function verify(vector: SignatureCase): void {
  const verified = verifyDetached(
    Buffer.from(vector.payload, 'hex'),
    vector.signature,
    vector.certificates.map(each => parseCertificate(each)),
    {
      time: vector.time * 1000,
      ...present(vector),
      ...(vector.threshold === undefined ? {} : { threshold: vector.threshold }),
    },
  );
  if (vector.signers !== undefined) expect(verified.map(each => each.fingerprint)).toEqual(vector.signers);
}

describe('test-vectors/openpgp', () => {
  it.each(Object.entries(all))('%s: the file holds the cases, each once', async (name, cases) => {
    expect(new Set(cases.map(each => each.description)).size).toBe(cases.length);
    await expect(format(cases)).toMatchFileSnapshot(`${FOLDER}/${name}.json`);
  });

  it.each(casesOf<ArmorCase>('armor'))('armor: $description: $expect', vector => {
    const outcome = outcomeOf(() => {
      const bytes = parseArmor(vector.type as ArmorType, vector.text);
      expect(Buffer.from(bytes).toString('hex')).toBe(vector.bytes);
    });
    expect(outcome).toBe(vector.expect);
  });

  it.each(casesOf<CertificateCase>('certificates'))('certificate: $description: $expect', vector => {
    const outcome = outcomeOf(() => {
      const read = parseCertificate(Buffer.from(vector.certificate, 'hex'), present(vector));
      const { fingerprint, userIds, subkeys, isRevoked: revoked, bytes } = read;
      expect({ fingerprint, userIds, subkeys, revoked }).toEqual({
        fingerprint: vector.fingerprint,
        userIds: vector.userIds,
        subkeys: vector.subkeys,
        revoked: vector.revoked,
      });
      expect(Buffer.from(bytes).toString('hex')).toBe(vector.certificate);
    });
    expect(outcome).toBe(vector.expect);
  });

  it.each(casesOf<KeyIdCase>('key-ids'))('key id: $description: $expect', vector => {
    const outcome = outcomeOf(() => verifyKeyId(vector.keyId, parseFingerprint(vector.fingerprint)));
    expect(outcome).toBe(vector.expect);
  });

  it('every code has a case, but for those of writing', () => {
    const source = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8');
    const codes = new Set([...source.matchAll(/^ {2}(OPENPGP_[A-Z_]+):/gm)].map(([, name]) => name));
    const seen = new Set(Object.values(all).flatMap(cases => cases.map(each => each.expect)));
    expect([...codes].filter(each => !seen.has(each))).toEqual(['OPENPGP_TIME', 'OPENPGP_SIGNER']);
  });

  it.each(casesOf<SignatureCase>('keys'))('key: $description: $expect', vector => {
    expect(outcomeOf(() => verify(vector))).toBe(vector.expect);
  });

  it.each(casesOf<SignatureCase>('signatures'))('signature: $description: $expect', vector => {
    expect(outcomeOf(() => verify(vector))).toBe(vector.expect);
  });
});
