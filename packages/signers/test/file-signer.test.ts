import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createFileSigner, openFileSigner } from '@cargo-tuf/signers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MESSAGE = new TextEncoder().encode('signed bytes');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/signers-`);
});
afterEach(async () => rm(folder, { recursive: true }));

const OPENSSL = {
  ed25519: /ED25519 Private-Key/,
  'ecdsa-sha2-nistp256': /NIST CURVE: P-256/,
  'ecdsa-sha2-nistp384': /NIST CURVE: P-384/,
  'rsassa-pss-sha256': /Private-Key: \(3072 bit/,
} as const;

describe.each(Object.keys(OPENSSL) as (keyof typeof OPENSSL)[])('%s', scheme => {
  it.each([{}, { passphrase: 'correct horse ä' }])(
    'signs after it was made and after it was opened: %o',
    async options => {
      const made = await createFileSigner(`${folder}/key.pem`, scheme, options);
      const opened = await openFileSigner(`${folder}/key.pem`, options);
      expect(opened.publicKey.identity).toBe(made.publicKey.identity);
      expect(opened.publicKey.scheme).toBe(scheme);
      for (const signer of [made, opened]) {
        expect(made.publicKey.verify(MESSAGE, await signer.sign(MESSAGE))).toBe(true);
      }
    },
  );

  it('is a file that openssl reads', async ctx => {
    try {
      execFileSync('openssl', ['version']);
    } catch {
      ctx.skip('the openssl command is absent');
    }
    await createFileSigner(`${folder}/key.pem`, scheme, { passphrase: 'abc' });
    const text = execFileSync('openssl', [
      'pkey',
      '-in',
      `${folder}/key.pem`,
      '-passin',
      'pass:abc',
      '-noout',
      '-text',
    ]);
    expect(text.toString()).toMatch(OPENSSL[scheme]);
  });
});

describe('the file', () => {
  it('is mode 0600 with every umask', async () => {
    for (const mask of [0o000, 0o777]) {
      const before = process.umask(mask);
      try {
        await createFileSigner(`${folder}/${mask}.pem`, 'ed25519');
      } finally {
        process.umask(before);
      }
      expect((await stat(`${folder}/${mask}.pem`)).mode & 0o777).toBe(0o600);
    }
  });

  it('is never overwritten, nor a link followed to make it', async () => {
    await createFileSigner(`${folder}/key.pem`, 'ed25519');
    const bytes = await readFile(`${folder}/key.pem`);
    await expect(createFileSigner(`${folder}/key.pem`, 'ed25519')).rejects.toMatchObject({
      code: 'SIGNER_EXISTS',
    });
    await symlink(`${folder}/elsewhere`, `${folder}/link.pem`);
    await expect(createFileSigner(`${folder}/link.pem`, 'ed25519')).rejects.toMatchObject({
      code: 'SIGNER_EXISTS',
    });
    await expect(stat(`${folder}/elsewhere`)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(`${folder}/key.pem`)).toEqual(bytes);
  });

  it('holds no plain key when encrypted', async () => {
    await createFileSigner(`${folder}/key.pem`, 'ed25519', { passphrase: 'abc' });
    expect(await readFile(`${folder}/key.pem`, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    await createFileSigner(`${folder}/again.pem`, 'ed25519', { passphrase: 'abc' });
    expect(await readFile(`${folder}/again.pem`)).not.toEqual(await readFile(`${folder}/key.pem`));
  });

  it.each([0o640, 0o604, 0o660, 0o644])('is refused with mode %o', async mode => {
    await createFileSigner(`${folder}/key.pem`, 'ed25519');
    await chmod(`${folder}/key.pem`, mode);
    await expect(openFileSigner(`${folder}/key.pem`)).rejects.toMatchObject({ code: 'SIGNER_UNSAFE_FILE' });
  });

  it('is refused as a link, a folder, a pipe, a large file', async () => {
    await createFileSigner(`${folder}/key.pem`, 'ed25519');
    await symlink(`${folder}/key.pem`, `${folder}/link.pem`);
    execFileSync('mkfifo', ['-m', '600', `${folder}/pipe.pem`]);
    await writeFile(`${folder}/large.pem`, new Uint8Array(16_385), { mode: 0o600 });
    for (const path of ['link.pem', '.', 'pipe.pem', 'large.pem']) {
      await expect(openFileSigner(`${folder}/${path}`), path).rejects.toMatchObject({
        code: 'SIGNER_UNSAFE_FILE',
      });
    }
  });

  it('is missed, or in no folder', async () => {
    await expect(openFileSigner(`${folder}/none.pem`)).rejects.toMatchObject({ code: 'SIGNER_MISSING' });
    await expect(createFileSigner(`${folder}/none/key.pem`, 'ed25519')).rejects.toMatchObject({
      code: 'SIGNER_UNREADABLE',
      details: { code: 'ENOENT' },
    });
  });
});

describe('the passphrase', () => {
  it.each([
    [{ passphrase: 'abc' }, { passphrase: 'abd' }, 'SIGNER_PASSPHRASE_WRONG'],
    [{ passphrase: 'abc' }, {}, 'SIGNER_PASSPHRASE_MISSING'],
    [{ passphrase: 'abc' }, { passphrase: '' }, 'SIGNER_PASSPHRASE_MISSING'],
    [{}, { passphrase: 'abc' }, 'SIGNER_PASSPHRASE_UNUSED'],
  ])('%o opened with %o is %s', async (made, opened, code) => {
    await createFileSigner(`${folder}/key.pem`, 'ed25519', made);
    await expect(openFileSigner(`${folder}/key.pem`, opened)).rejects.toMatchObject({ code });
  });

  it('leaves no file when it is empty', async () => {
    await expect(createFileSigner(`${folder}/key.pem`, 'ed25519', { passphrase: '' })).rejects.toMatchObject({
      code: 'SIGNER_PASSPHRASE_MISSING',
    });
    await expect(stat(`${folder}/key.pem`)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the content', () => {
  const pem = (
    key: { export(options: { type: 'pkcs8' | 'sec1'; format: 'pem' }): unknown },
    type: 'pkcs8' | 'sec1',
  ) => String(key.export({ type, format: 'pem' }));

  it.each([
    ['nothing', '', 'SIGNER_FORMAT'],
    ['no key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'SIGNER_FORMAT'],
    [
      'SEC 1',
      pem(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey, 'sec1'),
      'SIGNER_FORMAT',
    ],
    [
      'secp256k1',
      pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, 'pkcs8'),
      'SIGNER_SCHEME',
    ],
    [
      'RSA of 1,024 bits',
      pem(generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey, 'pkcs8'),
      'KEY_LENGTH',
    ],
    ['X25519', pem(generateKeyPairSync('x25519').privateKey, 'pkcs8'), 'SIGNER_SCHEME'],
  ])('%s is refused', async (_, text, code) => {
    await writeFile(`${folder}/key.pem`, text, { mode: 0o600 });
    await expect(openFileSigner(`${folder}/key.pem`)).rejects.toMatchObject({ code });
  });

  it('cut at any byte is refused or opens the same key', async () => {
    const { publicKey } = await createFileSigner(`${folder}/key.pem`, 'ed25519');
    const bytes = await readFile(`${folder}/key.pem`);
    let refused = 0;
    for (let length = 0; length < bytes.length; length += 1) {
      await writeFile(`${folder}/cut.pem`, bytes.subarray(0, length), { mode: 0o600 });
      const opened = await openFileSigner(`${folder}/cut.pem`).catch((error: { code: string }) => error.code);
      if (opened === 'SIGNER_FORMAT') refused += 1;
      else expect(opened).toMatchObject({ publicKey: { identity: publicKey.identity } });
    }
    expect(refused).toBeGreaterThan(bytes.length - 10);
  });
});
