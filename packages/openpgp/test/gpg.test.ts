// Both directions with the real gpg: what it makes is read here, and what is made here it imports and verifies.

import { readFileSync } from 'node:fs';
import { importSigner } from '@cargo-tuf/keys';
import {
  createCertificate,
  formatArmor,
  formatCertificate,
  joinSignatures,
  parseArmor,
  parseCertificate,
  revokeCertificate,
  signDetached,
  verifyDetached,
} from '@cargo-tuf/openpgp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PAYLOAD, pkcs8, T0 } from './craft.ts';
import { type Gpg, hasGpg, needGpg, openGpg } from './gpg.ts';
import type { SignatureCase } from './signature-case.ts';

const DAY = 86_400;
const MAY = T0 + DAY;
/** `--faked-system-time` stands still with an exclamation mark. */
const at = (seconds: number) => ['--faked-system-time', `${seconds}!`];
const refused = (code: string) => expect.objectContaining({ code });

describe('gpg', () => {
  let gpg: Gpg;
  beforeAll(() => {
    if (!hasGpg) return;
    gpg = openGpg();
    for (const [userId, algorithm, usage] of [
      ['plain <a@example.com>', 'ed25519', 'sign'],
      ['expires <b@example.com>', 'ed25519', 'sign'],
      ['subkeys <c@example.com>', 'ed25519', 'cert'],
      ['revoked <d@example.com>', 'ed25519', 'sign'],
      ['rsa <e@example.com>', 'rsa2048', 'sign'],
    ] as const) {
      const end = userId.startsWith('expires') ? '10d' : '0';
      gpg.run([...at(T0), '--quick-generate-key', userId, algorithm, usage, end]);
    }
    const owner = gpg.fingerprint('subkeys <c@example.com>');
    gpg.run([...at(T0), '--quick-add-key', owner, 'ed25519', 'sign', '0']);
    gpg.run([...at(T0), '--quick-add-key', owner, 'cv25519', 'encr', '0']);
  }, 60_000);
  afterAll(() => gpg?.close());
  beforeEach(needGpg);

  const exported = (userId: string, ...options: string[]) =>
    gpg.run(['--armor', ...options, '--export', gpg.fingerprint(userId)]).toString();
  const signed = (userId: string, ...options: string[]) =>
    gpg
      .run([...at(MAY), '--armor', ...options, '-u', gpg.fingerprint(userId), '--detach-sign'], PAYLOAD)
      .toString();
  const verify = (armor: string, certificate: string, time = MAY) =>
    verifyDetached(PAYLOAD, armor, [parseCertificate(certificate)], { time: time * 1000 });

  it.each(['plain <a@example.com>', 'expires <b@example.com>', 'subkeys <c@example.com>'])(
    'keys and signatures of %s are accepted, and written again byte for byte',
    userId => {
      const armor = exported(userId);
      const certificate = parseCertificate(armor);
      expect(certificate).toMatchObject({ fingerprint: gpg.fingerprint(userId), userIds: [userId] });
      expect(formatCertificate(certificate)).toBe(armor);
      const signature = signed(userId);
      const [verified] = verify(signature, armor);
      expect(verified?.created).toBe(MAY * 1000);
      expect(verified?.fingerprint).toBe(certificate.subkeys[0] ?? certificate.fingerprint);
      expect(formatArmor('PGP SIGNATURE', parseArmor('PGP SIGNATURE', signature))).toBe(signature);
    },
  );

  it('50 signatures are accepted', () => {
    const armor = exported('plain <a@example.com>');
    const certificate = parseCertificate(armor);
    for (let index = 0; index < 50; index += 1) {
      const payload = Buffer.from(`payload ${index}`);
      const signature = gpg.run(
        [...at(MAY), '--armor', '-u', certificate.fingerprint, '--detach-sign'],
        payload,
      );
      expect(verifyDetached(payload, signature.toString(), [certificate], { time: MAY * 1000 })).toHaveLength(
        1,
      );
    }
  });

  it('several signers make one armor for a threshold', () => {
    const users = ['plain <a@example.com>', 'subkeys <c@example.com>'];
    const certificates = users.map(each => parseCertificate(exported(each)));
    const words = certificates.flatMap(each => ['-u', each.fingerprint]);
    const armor = gpg.run([...at(MAY), '--armor', ...words, '--detach-sign'], PAYLOAD).toString();
    const options = { time: MAY * 1000, threshold: 2 };
    expect(
      new Set(verifyDetached(PAYLOAD, armor, certificates, options).map(each => each.certificate)),
    ).toEqual(new Set(certificates));
    const joined = joinSignatures(users.map(each => signed(each)));
    expect(verifyDetached(PAYLOAD, joined, certificates, options)).toHaveLength(2);
  });

  it.each([
    ['SHA-512', ['--digest-algo', 'SHA512'], 'OPENPGP_HASH'],
    ['a text signature', ['--textmode'], 'OPENPGP_SIGNATURE_TYPE'],
    ['a critical notation', ['--sig-notation', '!a@example.com=b'], 'OPENPGP_CRITICAL'],
    ['a critical policy address', ['--sig-policy-url', '!https://example.com'], 'OPENPGP_CRITICAL'],
  ])('%s is refused', (_, options, code) => {
    const certificate = exported('plain <a@example.com>');
    expect(() => verify(signed('plain <a@example.com>', ...options), certificate)).toThrow(refused(code));
  });

  it('a notation that is not critical, and a signature that has not ended, are accepted', () => {
    const options = ['--sig-notation', 'a@example.com=b', '--default-sig-expire', '2d'];
    const armor = signed('plain <a@example.com>', ...options);
    const certificate = exported('plain <a@example.com>');
    expect(verify(armor, certificate)).toHaveLength(1);
    expect(() => verify(armor, certificate, MAY + 2 * DAY)).toThrow(refused('OPENPGP_SIGNATURE_EXPIRED'));
  });

  it('RSA keys, cleartext signatures, inline messages and secret keys are refused', () => {
    const user = ['-u', gpg.fingerprint('plain <a@example.com>')];
    const certificate = exported('plain <a@example.com>');
    expect(() => parseCertificate(exported('rsa <e@example.com>'))).toThrow(refused('OPENPGP_ALGORITHM'));
    for (const command of ['--clearsign', '--sign']) {
      const message = gpg.run([...at(MAY), '--armor', ...user, command], PAYLOAD).toString();
      expect(() => verify(message, certificate)).toThrow(refused('OPENPGP_ARMOR_TYPE'));
    }
    const secret = gpg.run(['--armor', '--export-secret-keys', gpg.fingerprint('plain <a@example.com>')]);
    expect(() => parseCertificate(secret.toString())).toThrow(refused('OPENPGP_ARMOR_TYPE'));
    const ring = gpg.run(['--armor', '--export']).toString();
    expect(() => parseCertificate(ring)).toThrow(refused('OPENPGP_CERTIFICATE'));
  });

  it('a key that expires is renewed by a newer self-signature', () => {
    const userId = 'expires <b@example.com>';
    const armor = signed(userId);
    const before = exported(userId);
    expect(() => verify(armor, before, T0 + 10 * DAY)).toThrow(refused('OPENPGP_KEY_EXPIRED'));
    gpg.run([...at(MAY), '--quick-set-expire', gpg.fingerprint(userId), '30d']);
    expect(verify(armor, exported(userId), T0 + 10 * DAY)).toHaveLength(1);
    expect(() => verify(armor, exported(userId), T0 + 40 * DAY)).toThrow(refused('OPENPGP_KEY_EXPIRED'));
  });

  it('a key that is revoked is refused', () => {
    const userId = 'revoked <d@example.com>';
    const fingerprint = gpg.fingerprint(userId);
    const armor = signed(userId);
    expect(verify(armor, exported(userId))).toHaveLength(1);
    const stored = readFileSync(`${gpg.home}/openpgp-revocs.d/${fingerprint}.rev`, 'utf8');
    gpg.run(['--import'], stored.slice(stored.indexOf(':---') + 1));
    expect(parseCertificate(exported(userId)).isRevoked).toBe(true);
    expect(() => verify(armor, exported(userId))).toThrow(refused('OPENPGP_KEY_REVOKED'));
  });

  it('a certification by another key is left out', () => {
    const userId = 'plain <a@example.com>';
    const signer = gpg.fingerprint('subkeys <c@example.com>');
    gpg.run([...at(MAY), '-u', signer, '--quick-sign-key', gpg.fingerprint(userId)]);
    const certificate = parseCertificate(exported(userId));
    const minimal = parseCertificate(exported(userId, '--export-options', 'export-minimal'));
    expect(certificate.bytes.length).toBeGreaterThan(minimal.bytes.length);
    expect(verify(signed(userId), formatCertificate(certificate))).toHaveLength(1);
  });

  it('takes every signature of the test vectors that is accepted here', () => {
    const cases = ['signatures', 'keys'].flatMap(name => {
      const url = new URL(`../../../test-vectors/openpgp/${name}.json`, import.meta.url);
      return JSON.parse(readFileSync(url, 'utf8')) as readonly SignatureCase[];
    });
    const other = openGpg();
    try {
      for (const each of cases.filter(({ expect: outcome }) => outcome === 'ok')) {
        const payload = Buffer.from(each.payload, 'hex');
        const hashes = ['sha256', 'sha512'] as const;
        const { threshold = 1 } = each;
        const certificates = each.certificates.map(armor => parseCertificate(armor));
        const options = { time: each.time * 1000, threshold, hashes };
        const verified = verifyDetached(payload, each.signature, certificates, options);
        // Those of the signers alone: gpg looks no further than the first certificate that has the key.
        const ring = other.file(Buffer.concat(verified.map(({ certificate }) => certificate.bytes)));
        const files = [other.file(each.signature), other.file(payload)];
        const words = ['--no-default-keyring', '--keyring', ring, ...at(each.time), '--verify', ...files];
        const { code, lines } = other.status(words);
        expect([each.description, code, lines.filter(line => line.startsWith('VALIDSIG')).length]).toEqual([
          each.description,
          0,
          threshold,
        ]);
      }
    } finally {
      other.close();
    }
  });

  describe('takes what is made here', () => {
    const signer = importSigner('ed25519', pkcs8(1));
    const subkey = importSigner('ed25519', pkcs8(2));
    const userId = 'Index Bot <bot@example.com>';
    const create = () =>
      createCertificate(signer, { userId, time: T0 * 1000, lifetime: 30 * DAY * 1000, subkeys: [subkey] });
    const check = (armor: string, time = MAY) =>
      gpg.status([...at(time), '--verify', gpg.file(armor), gpg.file(PAYLOAD)]);

    it('a certificate, exported again to the same bytes', async () => {
      const certificate = await create();
      gpg.run([...at(MAY), '--import'], formatCertificate(certificate));
      expect(gpg.fingerprint(userId)).toBe(certificate.fingerprint);
      expect(exported(userId)).toBe(formatCertificate(certificate));
      const listed = gpg
        .run([...at(MAY), '--with-colons', '--list-keys', certificate.fingerprint])
        .toString();
      expect(listed).toMatch(new RegExp(`^pub:-:255:22:[0-9A-F]{16}:${T0}:${T0 + 30 * DAY}:`, 'm'));
      expect(listed).toContain(certificate.subkeys[0]);
    });

    it.each(['sha256', 'sha512'] as const)(
      'signatures with %s by the primary key and by a subkey',
      async hash => {
        const certificate = await create();
        gpg.run([...at(MAY), '--import'], formatCertificate(certificate));
        for (const [by, fingerprint] of [
          [signer, certificate.fingerprint],
          [subkey, certificate.subkeys[0]],
        ] as const) {
          const armor = await signDetached(PAYLOAD, by, certificate, { time: MAY * 1000, hash });
          const { code, lines } = check(armor);
          expect(code).toBe(0);
          expect(lines.find(line => line.startsWith('VALIDSIG'))).toContain(fingerprint);
          expect(check(armor, T0 + 30 * DAY + 1).lines.join()).toContain('EXPKEYSIG');
        }
      },
    );

    it('several signatures in one armor', async () => {
      const certificate = await create();
      gpg.run([...at(MAY), '--import'], formatCertificate(certificate));
      const own = await signDetached(PAYLOAD, signer, certificate, { time: MAY * 1000 });
      const { code, lines } = check(joinSignatures([own, signed('plain <a@example.com>')]));
      expect(code).toBe(0);
      expect(lines.filter(line => line.startsWith('GOODSIG'))).toHaveLength(2);
    });

    it('a revocation', async () => {
      const certificate = await create();
      const revoked = await revokeCertificate(signer, certificate, {
        time: MAY * 1000,
        reason: 'compromised',
      });
      gpg.run([...at(MAY), '--import'], formatCertificate(revoked));
      const armor = await signDetached(PAYLOAD, signer, certificate, { time: MAY * 1000 });
      expect(check(armor).lines.join()).toContain('REVKEYSIG');
    });
  });
});
