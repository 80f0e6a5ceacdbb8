// Signatures of gpg are accepted here, and ours by gpg: CARGO_TUF_FUZZ_SIGNATURES of each.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { generateKeyPair } from '@cargo-tuf/keys';
import {
  type Certificate,
  createCertificate,
  formatCertificate,
  parseCertificate,
  signDetached,
  verifyDetached,
} from '@cargo-tuf/openpgp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Gpg, hasGpg, needGpg, openGpg } from '../../../packages/openpgp/test/gpg.ts';

const COUNT = Number(process.env['CARGO_TUF_FUZZ_SIGNATURES'] ?? 50);

describe(`${COUNT} signatures`, () => {
  let gpg: Gpg;
  beforeAll(() => {
    if (hasGpg) gpg = openGpg();
  });
  afterAll(() => gpg?.close());
  beforeEach(needGpg);

  it('of gpg are accepted by ours', () => {
    gpg.run(['--quick-generate-key', 'one <one@example.com>', 'ed25519', 'sign', '0']);
    const fingerprint = gpg.fingerprint('one <one@example.com>');
    const certificate = parseCertificate(gpg.run(['--armor', '--export', fingerprint]).toString());
    for (let number = 0; number < COUNT; number += 1) {
      const payload = randomBytes(number % 200);
      const armor = gpg.run(['--armor', '-u', fingerprint, '--detach-sign'], payload).toString();
      expect(verified(payload, armor, certificate), `${payload.toString('hex')}\n${armor}`).toBe(1);
      expect(() => verified(Buffer.concat([payload, Buffer.of(0)]), armor, certificate)).toThrow();
    }
  }, 600_000);

  it('of ours are accepted by gpg', async () => {
    const { signer } = generateKeyPair('ed25519');
    const [userId, time] = ['two <two@example.com>', Date.now() - 60_000];
    const certificate = await createCertificate(signer, { userId, time });
    gpg.run(['--import'], formatCertificate(certificate));
    const payloadPath = gpg.file('');
    for (let number = 0; number < COUNT; number += 1) {
      const payload = randomBytes(number % 200);
      const armor = await signDetached(payload, signer, certificate, { time: time + 1000 });
      writeFileSync(payloadPath, payload);
      const { code, lines } = gpg.status(['--verify', gpg.file(armor), payloadPath]);
      expect(code, `${payload.toString('hex')}\n${armor}`).toBe(0);
      expect(lines.join('\n')).toContain(`VALIDSIG ${certificate.fingerprint}`);
    }
  }, 600_000);
});

function verified(payload: Buffer, armor: string, certificate: Certificate): number {
  return verifyDetached(payload, armor, [certificate], { time: Date.now() }).length;
}
