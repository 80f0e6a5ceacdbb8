// The two sample keys of the RFC for verified registry commits, as they stand in its example of root.toml. The key id that
// the example gives the first of them is another one.

import { formatCertificate, parseCertificate, verifyKeyId } from '@cargo-tuf/openpgp';
import { describe, expect, it } from 'vitest';

const ROOT = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEW4Qj1BYJKwYBBAHaRw8BAQdAGjRNDONuzczXxYGYDoSnghi07RoMT3765OUF
VfXHizi0HFJvb3QgU2lnbmVyIDxyb290QGNyYXRlcy5pbz6IlgQTFggAPhYhBDEa
LVA2bIo3P28sl2URgHbD//hwBQJbhCPUAhsDBQkVAugABQsJCAcCBhUKCQgLAgQW
AgMBAh4BAheAAAoJEGURgHbD//hwRQEBAPjxtct5mb7M6i+zulgV2Zof870Y7AtQ
RHeHncIqeOE2AP9A06yzHT1kAKhxaZfRsWmUve5RaazXI220gACTnWM/AQ==
=hSSC
-----END PGP PUBLIC KEY BLOCK-----
`;

const BORS = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEW4QkXxYJKwYBBAHaRw8BAQdAn+OPbGdtmZgDK6jlOsgfQwTWw0V16F8gEGaa
Nu7HCvC0JUJvcnMgSW50ZWdyYXRpb24gQm90IDxib3JzQGNyYXRlcy5pbz6IlgQT
FggAPhYhBP+IczREVihU7GKr6Ey5GahiUoCqBQJbhCRfAhsDBQkB4TOABQsJCAcC
BhUKCQgLAgQWAgMBAh4BAheAAAoJEEy5GahiUoCq3EIA/jwnT7zT8NzeVT3ptaia
yyuCPRTr8FPyq1av4TVpmDkHAQCYMV0dMoE+OZ0AfHEtAMGEgnKy+P4tQDdJjbHP
HK4bDA==
=oJZE
-----END PGP PUBLIC KEY BLOCK-----
`;

describe('the sample keys of the RFC', () => {
  it.each([
    [ROOT, '311A2D50366C8A373F6F2C9765118076C3FFF870', 'Root Signer <root@crates.io>'],
    [BORS, 'FF88733444562854EC62ABE84CB919A8625280AA', 'Bors Integration Bot <bors@crates.io>'],
  ])('are read, and written again byte for byte', (armor, fingerprint, userId) => {
    const certificate = parseCertificate(armor);
    expect(certificate).toMatchObject({ fingerprint, keyId: `openpgp:${fingerprint}`, userIds: [userId] });
    expect(formatCertificate(certificate)).toBe(armor);
    verifyKeyId(`openpgp:${fingerprint}`, certificate.fingerprint);
  });

  it('have a key id in the example that is refused', () => {
    const { fingerprint } = parseCertificate(ROOT);
    expect(() => verifyKeyId('openpgp:1CCC030D310C5366B5EE51A1BF3303F7F69B6027', fingerprint)).toThrow(
      "key id: openpgp:1CCC030D310C5366B5EE51A1BF3303F7F69B6027, but the key's fingerprint is 311A2D50366C8A373F6F2C9765118076C3FFF870",
    );
  });

  it.each([
    '311A2D50366C8A373F6F2C9765118076C3FFF870',
    'openpgp:311a2d50366c8a373f6f2c9765118076c3fff870',
    'openpgp:65118076C3FFF870',
    'openpgp:0x311A2D50366C8A373F6F2C9765118076C3FFF870',
    'openpgp: 311A2D50366C8A373F6F2C9765118076C3FFF870',
    'OpenPGP:311A2D50366C8A373F6F2C9765118076C3FFF870',
    'openpgp:311A2D50366C8A373F6F2C9765118076C3FFF870\n',
  ])('have one spelling of a key id, not %j', text => {
    const { fingerprint } = parseCertificate(ROOT);
    expect(() => verifyKeyId(text, fingerprint)).toThrow(expect.objectContaining({ code: 'OPENPGP_KEY_ID' }));
  });
});
