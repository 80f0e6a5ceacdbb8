// Keys of a real gpg-agent, and what a false one answers with.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { createServer, type Server } from 'node:net';
import { generateKeyPair, type PublicKey, sha256, sha512 } from '@cargo-tuf/keys';
import {
  type Certificate,
  formatCertificate,
  parseCertificate,
  publicKeyOf,
  signDetached,
  verifyDetached,
} from '@cargo-tuf/openpgp';
import { openGpgAgentSigner } from '@cargo-tuf/signers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Gpg, hasGpg, needGpg, openGpg } from '../../openpgp/test/gpg.ts';

const DIGEST = sha256(new TextEncoder().encode('signed bytes'));

describe('a real agent', () => {
  let gpg: Gpg;
  let certificate: Certificate;
  let publicKey: PublicKey;
  let environment: Record<string, string | undefined>;

  beforeAll(() => {
    if (!hasGpg) return;
    gpg = openGpg();
    environment = { PATH: process.env['PATH'], GNUPGHOME: gpg.home };
    certificate = create(gpg, 'Plain <plain@example.org>', '');
    publicKey = keyOf(certificate);
  }, 60_000);
  afterAll(() => gpg?.close());

  it('signs, and each signature verifies', async context => {
    needGpg(context);
    const signer = await openGpgAgentSigner(publicKey, { environment });
    for (let count = 0; count < 100; count += 1) {
      const digest = count % 2 === 0 ? sha256(Uint8Array.of(count)) : sha512(Uint8Array.of(count));
      const signature = await signer.sign(digest);
      expect(signature).toHaveLength(64);
      expect(publicKey.verify(digest, signature)).toBe(true);
    }
  });

  it('makes OpenPGP signatures that gpg verifies, by the primary key and by a subkey', async context => {
    needGpg(context);
    const user = 'Sub <sub@example.org>';
    create(gpg, user, '');
    gpg.run(['--quick-add-key', gpg.fingerprint(user), 'ed25519', 'sign', '0']);
    const whole = parseCertificate(gpg.run(['--armor', '--export', user]).toString());
    const keys = [whole.fingerprint, ...whole.subkeys];
    expect(keys).toHaveLength(2);
    const document = gpg.file('document');
    for (const fingerprint of keys) {
      const signer = await openGpgAgentSigner(publicKeyOf(whole, fingerprint) as PublicKey, { environment });
      for (const hash of ['sha256', 'sha512'] as const) {
        const time = Date.now();
        const armor = await signDetached(Buffer.from('document'), signer, whole, { time, hash });
        const options = { time, hashes: ['sha256', 'sha512'] as const };
        expect(verifyDetached(Buffer.from('document'), armor, [whole], options)[0]?.fingerprint).toBe(
          fingerprint,
        );
        expect(gpg.status(['--verify', gpg.file(armor), document]).lines.join('\n')).toContain(
          `VALIDSIG ${fingerprint}`,
        );
      }
    }
  });

  it('signs with a key that has a passphrase once the agent knows it, and says why not before', async context => {
    needGpg(context);
    const locked = keyOf(create(gpg, 'Locked <locked@example.org>', 'correct horse'));
    const signer = await openGpgAgentSigner(locked, { environment, description: 'sign ä commit' });
    const refused = await signer.sign(DIGEST).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'SIGNER_AGENT_REFUSED', kind: 'unavailable' });
    unlock(gpg, 'locked@example.org', 'correct horse');
    expect(locked.verify(DIGEST, await signer.sign(DIGEST))).toBe(true);
  });

  it('follows a file that leads to the socket', async context => {
    needGpg(context);
    const path = gpg.file('%Assuan%\nsocket=${GNUPGHOME}/S.gpg-agent\n');
    const signer = await openGpgAgentSigner(publicKey, { environment, socket: path });
    expect(publicKey.verify(DIGEST, await signer.sign(DIGEST))).toBe(true);
    const near = relative(process.cwd(), `${gpg.home}/S.gpg-agent`);
    for (const content of [
      `%Assuan%\nsocket=${near}\n`,
      '%Assuan%\nsocket=S.gpg-agent\n',
      'socket=/x\n',
      '%Assuan%\nsocket=/nowhere/x\n',
      '',
    ])
      await expect(
        openGpgAgentSigner(publicKey, { environment, socket: gpg.file(content) }),
      ).rejects.toMatchObject({ code: 'SIGNER_AGENT_MISSING' });
  });

  it('starts an agent that does not run', async context => {
    needGpg(context);
    spawnSync('gpgconf', ['--homedir', gpg.home, '--kill', 'gpg-agent']);
    const signer = await openGpgAgentSigner(publicKey, { environment });
    expect(publicKey.verify(DIGEST, await signer.sign(DIGEST))).toBe(true);
  });

  it('refuses a key that it has not, of another scheme, and what is no digest', async context => {
    needGpg(context);
    const { signer: stranger } = generateKeyPair('ed25519');
    await expect(openGpgAgentSigner(stranger.publicKey, { environment })).rejects.toMatchObject({
      code: 'SIGNER_AGENT_KEY',
      kind: 'misuse',
    });
    const { signer: other } = generateKeyPair('ecdsa-sha2-nistp256');
    await expect(openGpgAgentSigner(other.publicKey, { environment })).rejects.toMatchObject({
      code: 'SIGNER_SCHEME',
    });
    const signer = await openGpgAgentSigner(publicKey, { environment });
    for (const length of [0, 31, 33, 63, 65])
      await expect(signer.sign(new Uint8Array(length))).rejects.toMatchObject({ code: 'SIGNER_DIGEST' });
  });

  it('is missing where there is no GnuPG, no socket, or a path that is none', async context => {
    needGpg(context);
    const code = 'SIGNER_AGENT_MISSING';
    const nowhere = { PATH: 'bin:/nowhere' };
    await expect(openGpgAgentSigner(publicKey, { environment: nowhere })).rejects.toMatchObject({ code });
    for (const socket of ['S.gpg-agent', '/nowhere/S.gpg-agent', gpg.home])
      await expect(openGpgAgentSigner(publicKey, { environment, socket })).rejects.toMatchObject({ code });
  });
});

describe('a false agent', () => {
  const { signer: real } = generateKeyPair('ed25519');
  const folder = mkdtempSync('/tmp/ag-');
  let server: Server | undefined;
  afterEach(() => server?.close());
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Answers PKSIGN with these lines, and all else with OK. */
  async function sign(...lines: readonly (string | Uint8Array)[]): Promise<Uint8Array> {
    return signDigest(DIGEST, lines);
  }

  async function signDigest(
    digest: Uint8Array,
    lines: readonly (string | Uint8Array)[],
  ): Promise<Uint8Array> {
    const socket = `${folder}/S`;
    server = createServer(connection => {
      connection.write('OK Pleased to meet you, process 1\n');
      connection.on('error', () => undefined);
      connection.on('data', chunk => {
        for (const line of chunk.toString('latin1').trimEnd().split('\n')) {
          if (line === 'CAN') connection.write('ERR 67109139 Unknown IPC command <GPG Agent>\n');
          else if (line !== 'PKSIGN') connection.write('# some words\nS STATUS\nOK\n');
          else for (const each of lines) connection.write(each);
        }
      });
    });
    await new Promise<void>(done => server?.listen(socket, done));
    const signer = await openGpgAgentSigner(real.publicKey, { socket, environment: {} });
    return signer.sign(digest);
  }

  const data = (bytes: Uint8Array) =>
    Buffer.from(
      `D ${Array.from(bytes, byte => ([0x25, 0x0d, 0x0a].includes(byte) ? `%${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte))).join('')}\n`,
      'latin1',
    );
  const atom = (bytes: Uint8Array | string) =>
    Buffer.concat([Buffer.from(`${bytes.length}:`), Buffer.from(bytes as string)]);
  const list = (...parts: readonly Uint8Array[]) =>
    Buffer.concat([Buffer.from('('), ...parts, Buffer.from(')')]);
  const expression = (r: Uint8Array, s: Uint8Array) =>
    list(atom('sig-val'), list(atom('eddsa'), list(atom('r'), atom(r)), list(atom('s'), atom(s))));
  const ok = 'OK\n';

  it('is believed when its signature verifies, in however many pieces', async () => {
    const good = await real.sign(DIGEST);
    const bytes = expression(good.subarray(0, 32), good.subarray(32));
    expect(await sign(data(bytes.subarray(0, 40)), 'S PROGRESS x\n', data(bytes.subarray(40)), ok)).toEqual(
      good,
    );
  });

  it('may leave leading zeros out', async () => {
    for (let count = 0; ; count += 1) {
      const digest = sha256(Uint8Array.of(count % 256, count / 256));
      const good = await real.sign(digest);
      if (good[32] !== 0) continue;
      const bytes = expression(good.subarray(0, 32), good.subarray(33));
      expect(await signDigest(digest, [data(bytes), ok])).toEqual(good);
      return;
    }
  });

  it('is not believed when it does not', async () => {
    const other = await generateKeyPair('ed25519').signer.sign(DIGEST);
    await expect(sign(data(expression(other.subarray(0, 32), other.subarray(32))), ok)).rejects.toMatchObject(
      { code: 'KEY_SIGNER_WRONG' },
    );
  });

  const half = new Uint8Array(32).fill(1);
  it.each([
    ['no data', [ok]],
    ['another list', [data(list(atom('sig-val'), list(atom('rsa'), list(atom('s'), atom(half))))), ok]],
    [
      'r twice',
      [
        data(
          list(
            atom('sig-val'),
            list(
              atom('eddsa'),
              list(atom('r'), atom(half)),
              list(atom('r'), atom(half)),
              list(atom('s'), atom(half)),
            ),
          ),
        ),
        ok,
      ],
    ],
    ['33 bytes', [data(expression(new Uint8Array(33), half)), ok]],
    ['bytes after the end', [data(Buffer.concat([expression(half, half), Buffer.from('x')])), ok]],
    ['a length past the end', [data(Buffer.from('(7:sig-val99:x)')), ok]],
    ['a length with a leading zero', [data(Buffer.from('(07:sig-val)')), ok]],
    ['a list without an end', [data(Buffer.from('(7:sig-val')), ok]],
    ['lists inside one another', [data(Buffer.from('('.repeat(9) + ')'.repeat(9))), ok]],
    ['a bad escape', ['D %0\n', ok]],
    ['a word that is none', ['HELLO\n']],
    ['an error without a number', ['ERR no\n']],
    ['an error of number 0', ['ERR 0 fine\n']],
    ['a line that is too long', [`D ${'x'.repeat(999)}\n`, ok]],
    ['a line without an end', ['x'.repeat(1001)]],
    ['lines without an end', ['S x\n'.repeat(256), ok]],
    ['more data than a signature has', [`D ${'x'.repeat(998)}\n`.repeat(66), ok]],
  ] as const)('is refused: %s', async (_, lines) => {
    await expect(sign(...lines)).rejects.toMatchObject({ code: 'SIGNER_AGENT_ANSWER', kind: 'unsupported' });
  });

  it('asks for nothing that we would tell, and its words are escaped', async () => {
    await expect(sign('INQUIRE PASSPHRASE\n')).rejects.toMatchObject({ code: 'SIGNER_AGENT_REFUSED' });
    server?.close();
    await expect(sign('ERR 67108963 \u001b[31m\n')).rejects.toMatchObject({
      code: 'SIGNER_AGENT_REFUSED',
      message: expect.not.stringContaining('\u001b'),
      details: { code: 99 },
    });
  });

  it('must be ours', async () => {
    symlinkSync('/dev/null', `${folder}/link`);
    await expect(
      openGpgAgentSigner(real.publicKey, { socket: `${folder}/link`, environment: {} }),
    ).rejects.toMatchObject({ code: 'SIGNER_AGENT_MISSING' });
    const none = `${folder}/bin`;
    writeFileSync(none, '');
    chmodSync(none, 0o600);
    await expect(openGpgAgentSigner(real.publicKey, { socket: none, environment: {} })).rejects.toMatchObject(
      { code: 'SIGNER_AGENT_MISSING' },
    );
  });
});

function create(gpg: Gpg, user: string, passphrase: string): Certificate {
  const options = ['--passphrase', passphrase, '--pinentry-mode', 'loopback'];
  gpg.run([...options, '--quick-generate-key', user, 'ed25519', 'sign', '0']);
  return parseCertificate(gpg.run(['--armor', '--export', user]).toString());
}

function keyOf(certificate: Certificate): PublicKey {
  expect(formatCertificate(certificate)).toContain('BEGIN PGP PUBLIC KEY BLOCK');
  return publicKeyOf(certificate, certificate.fingerprint) as PublicKey;
}

/** As an operator does once after a start of the machine. */
function unlock(gpg: Gpg, user: string, passphrase: string): void {
  gpg.run(
    ['--passphrase', passphrase, '--pinentry-mode', 'loopback', '--local-user', user, '--detach-sign'],
    'x',
  );
}
