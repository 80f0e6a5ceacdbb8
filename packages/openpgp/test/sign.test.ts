import { generateKeyPair, importSigner, type Signer } from '@cargo-tuf/keys';
import {
  Certificate,
  createCertificate,
  formatArmor,
  formatCertificate,
  joinSignatures,
  parseArmor,
  parseCertificate,
  parseSignatures,
  revokeCertificate,
  signDetached,
  VerifiedSignature,
  verifyDetached,
} from '@cargo-tuf/openpgp';
import { describe, expect, it } from 'vitest';
import { craftCertificate, craftDetached, craftKey, PAYLOAD, pkcs8, T0, USER_ID } from './craft.ts';

const TIME = (T0 + 1000) * 1000;
const DAY = 86_400_000;
const signer = importSigner('ed25519', pkcs8(1));
const other = importSigner('ed25519', pkcs8(2));
const refused = (code: string) => expect.objectContaining({ code });

function create(by: Signer = signer, more: { lifetime?: number; subkeys?: readonly Signer[] } = {}) {
  return createCertificate(by, { userId: USER_ID, time: T0 * 1000, ...more });
}

describe('createCertificate', () => {
  it('writes the bytes that are written by hand', async () => {
    const certificate = await create();
    expect(Buffer.from(certificate.bytes)).toEqual(craftCertificate(craftKey(1)));
    expect(certificate).toMatchObject({
      userIds: [USER_ID],
      subkeys: [],
      isRevoked: false,
      created: T0 * 1000,
    });
    expect(certificate.keyId).toBe(`openpgp:${certificate.fingerprint}`);
  });

  it('gives armor that is read again to the same bytes', async () => {
    const certificate = await create(signer, { lifetime: DAY, subkeys: [other] });
    const armor = formatCertificate(certificate);
    expect(parseCertificate(armor).bytes).toEqual(certificate.bytes);
    expect(formatCertificate(parseCertificate(armor))).toBe(armor);
  });

  it('makes keys that expire, subkeys too', async () => {
    const certificate = await create(signer, { lifetime: DAY, subkeys: [other] });
    const end = T0 * 1000 + DAY;
    for (const by of [signer, other]) {
      await expect(signDetached(PAYLOAD, by, certificate, { time: end - 1000 })).resolves.toContain('PGP');
      await expect(signDetached(PAYLOAD, by, certificate, { time: end })).rejects.toThrow(
        refused('OPENPGP_KEY_EXPIRED'),
      );
    }
  });

  it.each([0, 999, -1, Number.NaN])('refuses a lifetime of %s ms', async lifetime => {
    await expect(create(signer, { lifetime })).rejects.toThrow(refused('OPENPGP_TIME'));
  });

  it('refuses a signer of another scheme', async () => {
    const { signer: ecdsa } = generateKeyPair('ecdsa-sha2-nistp256');
    await expect(create(ecdsa)).rejects.toThrow(refused('OPENPGP_SIGNER'));
    await expect(create(signer, { subkeys: [ecdsa] })).rejects.toThrow(refused('OPENPGP_SIGNER'));
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 * 1000])('refuses the time %s', async time => {
    await expect(createCertificate(signer, { userId: USER_ID, time })).rejects.toThrow(
      refused('OPENPGP_TIME'),
    );
  });
});

describe('signDetached', () => {
  it('writes the bytes that are written by hand', async () => {
    expect(await signDetached(PAYLOAD, signer, await create(), { time: TIME })).toBe(
      craftDetached(craftKey(1)),
    );
  });

  it('makes what verifyDetached accepts, by a subkey and with SHA-512 as well', async () => {
    const certificate = await create(signer, { subkeys: [other] });
    const armor = await signDetached(PAYLOAD, other, certificate, { time: TIME, hash: 'sha512' });
    const [verified] = verifyDetached(PAYLOAD, armor, [certificate], { time: TIME, hashes: ['sha512'] });
    expect(verified?.certificate).toBe(certificate);
    expect(verified).toMatchObject({ fingerprint: certificate.subkeys[0], created: TIME, hash: 'sha512' });
  });

  it('refuses a signer of no key of the certificate', async () => {
    const certificate = await create();
    await expect(signDetached(PAYLOAD, other, certificate, { time: TIME })).rejects.toThrow(
      refused('OPENPGP_SIGNER'),
    );
  });

  it('refuses a signer that makes wrong signatures', async () => {
    const wrong: Signer = { publicKey: signer.publicKey, sign: message => other.sign(message) };
    await expect(signDetached(PAYLOAD, wrong, await create(), { time: TIME })).rejects.toThrow(
      refused('KEY_SIGNER_WRONG'),
    );
  });

  it('makes signatures whose R and S begin with zero octets', async () => {
    const certificate = await create();
    let short = 0;
    for (let index = 0; index < 600; index += 1) {
      const payload = Buffer.from(`payload ${index}`);
      const armor = await signDetached(payload, signer, certificate, { time: TIME });
      if (parseArmor('PGP SIGNATURE', armor).length < 119) short += 1;
      expect(verifyDetached(payload, armor, [certificate], { time: TIME })).toHaveLength(1);
    }
    expect(short).toBeGreaterThan(0);
  });
});

describe('joinSignatures', () => {
  it('keeps the order, and each counts', async () => {
    const certificates = [await create(), await create(other)];
    const armors = [
      await signDetached(PAYLOAD, signer, certificates[0], { time: TIME }),
      await signDetached(PAYLOAD, other, certificates[1], { time: TIME }),
    ];
    const joined = joinSignatures(armors);
    const verified = verifyDetached(PAYLOAD, joined, certificates, { time: TIME, threshold: 2 });
    expect(verified.map(each => each.certificate)).toEqual(certificates);
    expect(parseSignatures(joined).map(each => each.issuer)).toEqual(
      certificates.map(each => each.fingerprint),
    );
    expect(() => verifyDetached(PAYLOAD, joined, certificates, { time: TIME })).toThrow(
      refused('OPENPGP_SIGNATURE_COUNT'),
    );
    expect(verifyDetached(PAYLOAD, joined, certificates, { time: TIME, maximum: 2 })).toHaveLength(2);
  });

  it.each([0, -1, Number.NaN])('refuses a threshold of %s', async threshold => {
    const certificate = await create();
    const armor = await signDetached(PAYLOAD, signer, certificate, { time: TIME });
    expect(() => verifyDetached(PAYLOAD, armor, [certificate], { time: TIME, threshold })).toThrow(
      refused('OPENPGP_SIGNATURE_COUNT'),
    );
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('refuses to verify at the time %s', async time => {
    const certificate = await create();
    const armor = await signDetached(PAYLOAD, signer, certificate, { time: TIME });
    expect(() => verifyDetached(PAYLOAD, armor, [certificate], { time })).toThrow(refused('OPENPGP_TIME'));
  });
});

describe('revokeCertificate', () => {
  it('ends the key for signatures of any time', async () => {
    const certificate = await create(signer, { subkeys: [other] });
    const armor = await signDetached(PAYLOAD, other, certificate, { time: TIME });
    const revoked = await revokeCertificate(signer, certificate, { time: TIME + DAY, reason: 'retired' });
    expect([certificate.isRevoked, revoked.isRevoked]).toEqual([false, true]);
    expect(revoked.fingerprint).toBe(certificate.fingerprint);
    expect(() => verifyDetached(PAYLOAD, armor, [revoked], { time: TIME })).toThrow(
      refused('OPENPGP_KEY_REVOKED'),
    );
    await expect(signDetached(PAYLOAD, signer, revoked, { time: TIME })).rejects.toThrow(
      refused('OPENPGP_KEY_REVOKED'),
    );
  });

  it('takes the primary key', async () => {
    const certificate = await create(signer, { subkeys: [other] });
    await expect(revokeCertificate(other, certificate, { time: TIME, reason: 'none' })).rejects.toThrow(
      refused('OPENPGP_SIGNER'),
    );
  });
});

describe('values that were verified', () => {
  it('cannot be changed through what they give away, nor through the input', async () => {
    const bytes = craftCertificate(craftKey(1));
    const certificate = parseCertificate(bytes);
    const before = certificate.bytes;
    bytes.fill(0);
    certificate.bytes.fill(0);
    expect(certificate.bytes).toEqual(before);
    expect(() => Object.assign(certificate, { isRevoked: false })).toThrow(TypeError);
    expect(() => (certificate.userIds as string[]).push('x')).toThrow(TypeError);
  });

  it('are made by this package alone', async () => {
    const certificate = await create();
    const armor = await signDetached(PAYLOAD, signer, certificate, { time: TIME });
    const [verified] = verifyDetached(PAYLOAD, armor, [certificate], { time: TIME });
    const members = {
      fingerprint: certificate.fingerprint,
      created: 0,
      hash: 'sha256',
      certificate,
    } as const;
    // @ts-expect-error the same members without the private state
    const copy: VerifiedSignature = members;
    expect([verified instanceof VerifiedSignature, copy instanceof VerifiedSignature]).toEqual([true, false]);
    const forged: unknown = Object.create(Certificate.prototype);
    expect(() => formatCertificate(forged as Certificate)).toThrow(TypeError);
  });

  it('armor of both types is written as it is read', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(parseArmor('PGP SIGNATURE', formatArmor('PGP SIGNATURE', bytes))).toEqual(bytes);
  });
});
