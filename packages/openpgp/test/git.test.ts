// The armor in commits: what git has gpg make is accepted here, and git accepts what is made here.

import { execFileSync, spawnSync } from 'node:child_process';
import { importSigner } from '@cargo-tuf/keys';
import {
  createCertificate,
  formatCertificate,
  joinSignatures,
  parseCertificate,
  signDetached,
  verifyDetached,
} from '@cargo-tuf/openpgp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pkcs8 } from './craft.ts';
import { type Gpg, hasGpg, needGpg, openGpg } from './gpg.ts';

const USER_ID = 'Git <git@example.com>';
const IDENTITY = 'Git <git@example.com> 1700001000 +0000';

describe('git', () => {
  let gpg: Gpg;
  beforeAll(() => {
    if (!hasGpg) return;
    gpg = openGpg();
    gpg.run(['--quick-generate-key', USER_ID, 'ed25519', 'sign', '0']);
    git('init', '--quiet');
    git('config', 'user.signingkey', gpg.fingerprint(USER_ID));
  });
  afterAll(() => gpg?.close());
  beforeEach(needGpg);

  const environment = () => ({
    PATH: process.env['PATH'],
    HOME: gpg.home,
    GNUPGHOME: gpg.home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Git',
    GIT_AUTHOR_EMAIL: 'git@example.com',
    GIT_COMMITTER_NAME: 'Git',
    GIT_COMMITTER_EMAIL: 'git@example.com',
  });
  const options = (input = '') => ({ cwd: gpg.home, env: environment(), input });
  function git(...words: string[]): string {
    return execFileSync('git', words, { ...options(), encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  }
  const verifyCommit = (id: string) => spawnSync('git', ['verify-commit', id], options());

  /** The armor of a commit, and the bytes that it signs. */
  function split(commit: string): { armor: string; payload: Buffer } {
    const header = /^gpgsig (.*(?:\n .*)*)\n/m.exec(commit);
    const armor = (header?.[1] ?? '').replaceAll('\n ', '\n');
    return { armor, payload: Buffer.from(commit.replace(header?.[0] ?? '', '')) };
  }

  const commitOf = (payload: string, armor: string) => {
    const header = `gpgsig ${armor.trimEnd().replaceAll('\n', '\n ')}\n`;
    const commit = payload.replace('\n\n', `\n${header}\n`);
    const hash = ['hash-object', '-t', 'commit', '-w', '--stdin'];
    return execFileSync('git', hash, { ...options(commit), encoding: 'utf8' }).trim();
  };

  it('commits and tags that it signs are accepted', () => {
    git('commit', '--quiet', '--allow-empty', '--gpg-sign', '--message', 'Sign');
    git('tag', '--sign', '--message', 'Tag', 'root-rotation-v1-2');
    const certificate = parseCertificate(gpg.run(['--armor', '--export', USER_ID]).toString());
    const commit = split(git('cat-file', 'commit', 'HEAD'));
    const tag = git('cat-file', 'tag', 'root-rotation-v1-2');
    const at = tag.indexOf('-----BEGIN PGP SIGNATURE-----');
    for (const { armor, payload } of [
      commit,
      { armor: tag.slice(at), payload: Buffer.from(tag.slice(0, at)) },
    ])
      expect(verifyDetached(payload, armor, [certificate], { time: Date.now() })).toHaveLength(1);
  });

  it('verifies what is made here; it finds several signatures good, and the commit not', async () => {
    const certificates = await Promise.all(
      [1, 2].map(async number => {
        const signer = importSigner('ed25519', pkcs8(number));
        const time = 1_700_000_000_000;
        return { signer, certificate: await createCertificate(signer, { userId: `Bot ${number}`, time }) };
      }),
    );
    for (const { certificate } of certificates) gpg.run(['--import'], formatCertificate(certificate));
    const tree = git('hash-object', '-t', 'tree', '-w', '/dev/null').trim();
    const payload = `tree ${tree}\nauthor ${IDENTITY}\ncommitter ${IDENTITY}\n\nPublish\n`;
    const armors = await Promise.all(
      certificates.map(({ signer, certificate }) =>
        signDetached(Buffer.from(payload), signer, certificate, { time: 1_700_001_000_000 }),
      ),
    );
    for (const armor of armors) {
      const { status, stderr } = verifyCommit(commitOf(payload, armor));
      expect(stderr.toString()).toContain('Good signature');
      expect(status).toBe(0);
    }
    // Since 2.20, git refuses two statuses of one armor, whatever they are.
    const { status, stderr } = verifyCommit(commitOf(payload, joinSignatures(armors)));
    expect(stderr.toString().match(/Good signature/g)).toHaveLength(2);
    expect(status).toBe(1);
    const all = certificates.map(each => each.certificate);
    const terms = { time: Date.now(), threshold: 2 };
    expect(verifyDetached(Buffer.from(payload), joinSignatures(armors), all, terms)).toHaveLength(2);
    const other = commitOf(payload.replace('Publish', 'Other'), armors[0] as string);
    expect(verifyCommit(other).status).not.toBe(0);
  });
});
