// Published vectors with the numbers that the strict rules must give, for both back ends alike.

import { type CryptoBackend, importPublicKey, nodeBackend, type Scheme } from '@cargo-tuf/keys';
import { nobleBackend } from '@cargo-tuf/keys/noble';
import { describe, expect, it } from 'vitest';
import { readPublished } from './published-vectors.ts';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

function accepts(
  backend: CryptoBackend,
  scheme: Scheme,
  key: string,
  message: Uint8Array,
  signature: string,
): boolean {
  try {
    return importPublicKey(scheme, bytes(key), backend).verify(message, bytes(signature));
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^KEY_(LENGTH|POINT|LOW_ORDER)$/) });
    return false;
  }
}

interface Wycheproof {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk?: string; readonly uncompressed?: string };
    /** RSAPublicKey. */
    readonly publicKeyAsn?: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

function wycheproofMismatches(file: Wycheproof, scheme: Scheme, backend: CryptoBackend): readonly number[] {
  const tests = file.testGroups.flatMap(group => group.tests.map(test => ({ group, test })));
  expect(tests).toHaveLength(file.numberOfTests);
  return tests
    .filter(({ group, test }) => {
      const key = (group.publicKey.pk ?? group.publicKey.uncompressed ?? group.publicKeyAsn) as string;
      expect(['valid', 'invalid']).toContain(test.result);
      return accepts(backend, scheme, key, bytes(test.msg), test.sig) !== (test.result === 'valid');
    })
    .map(({ test }) => test.tcId);
}

describe.each([nodeBackend as CryptoBackend, nobleBackend])('with the back end $name', backend => {
  it('Wycheproof ed25519: no mismatch', context => {
    const file = readPublished<Wycheproof>(context, 'wycheproof/ed25519_test.json');
    expect(wycheproofMismatches(file, 'ed25519', backend)).toEqual([]);
  });

  it('Wycheproof ecdsa P-256 in DER: no mismatch', context => {
    const file = readPublished<Wycheproof>(context, 'wycheproof/ecdsa_secp256r1_sha256_test.json');
    expect(wycheproofMismatches(file, 'ecdsa-sha2-nistp256', backend)).toEqual([]);
  });

  it('Wycheproof ecdsa P-384 in DER: no mismatch', context => {
    const file = readPublished<Wycheproof>(context, 'wycheproof/ecdsa_secp384r1_sha384_test.json');
    expect(wycheproofMismatches(file, 'ecdsa-sha2-nistp384', backend)).toEqual([]);
  });

  it.for([2_048, 3_072, 4_096])('Wycheproof RSA-PSS with %s bits: no mismatch', (bits, context) => {
    const file = readPublished<Wycheproof>(context, `wycheproof/rsa_pss_${bits}_sha256_mgf1_32_test.json`);
    expect(wycheproofMismatches(file, 'rsassa-pss-sha256', backend)).toEqual([]);
  });

  it('C2SP CCTV ed25519: exactly the 43 of 914 without an oddity', context => {
    interface Case {
      readonly number: number;
      readonly key: string;
      readonly sig: string;
      readonly msg: string;
      readonly flags: readonly string[] | null;
    }
    const odd = ['low_order_A', 'low_order_R', 'low_order_residue', 'non_canonical_A', 'non_canonical_R'];
    const cases = readPublished<readonly Case[]>(context, 'cctv-ed25519/ed25519vectors.json');
    const accepted = cases.filter(c => accepts(backend, 'ed25519', c.key, Buffer.from(c.msg), c.sig));
    const plain = cases.filter(c => !(c.flags ?? []).some(flag => odd.includes(flag)));
    expect(cases).toHaveLength(914);
    expect(accepted).toHaveLength(43);
    expect(accepted.map(c => c.number)).toEqual(plain.map(c => c.number));
  });

  it('ed25519-speccheck: exactly case 3', context => {
    interface Case {
      readonly message: string;
      readonly pub_key: string;
      readonly signature: string;
    }
    const cases = readPublished<readonly Case[]>(context, 'ed25519-speccheck/cases.json');
    const accepted = cases.map((c, index) =>
      accepts(backend, 'ed25519', c.pub_key, bytes(c.message), c.signature) ? index : -1,
    );
    expect(accepted.filter(index => index >= 0)).toEqual([3]);
  });
});
