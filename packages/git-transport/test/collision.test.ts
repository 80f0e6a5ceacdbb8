// Collisions of SHA-1: the git of this machine dies of them, and what it says has a code here. No two git objects with one id
// are known, so the published colliding bytes are given to git where it hashes bytes without a header: `git rerere` does.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { initRepository } from '@cargo-tuf/git-transport';
import { expect, it, onTestFinished } from 'vitest';
import { code, temporaryFolder } from './folders.ts';

const url = new URL('../../../test-vectors/git-object/sha1.json', import.meta.url);
const streams = JSON.parse(readFileSync(url, 'utf8')) as readonly {
  readonly description: string;
  readonly bytes: string;
  readonly expect: string;
}[];

it.each(streams.filter(({ bytes }) => bytes.length === 640))(
  'git and git-object agree: $description: $expect',
  ({ bytes, expect: expected }) => {
    const { status, stderr } = rerere(Buffer.from(bytes, 'hex'));
    expect(status).toBe(expected === 'ok' ? 0 : 128);
    if (expected !== 'ok') expect(stderr).toContain('SHA-1 appears to be part of a collision attack');
  },
);

/** Has git hash these bytes, as one side of a conflict. */
function rerere(bytes: Buffer): { readonly status: number | null; readonly stderr: string } {
  const cwd = temporaryFolder();
  const env = { PATH: process.env['PATH'], HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (words: readonly string[], input = '') =>
    execFileSync('git', words, { cwd, env, input, encoding: 'utf8' });
  git(['init', '--quiet', '--object-format=sha1']);
  git(['config', 'rerere.enabled', 'true']);
  const stages = ['1', '2', '3'].map(stage => {
    const id = git(['hash-object', '-w', '--stdin'], stage).trim();
    return `100644 ${id} ${stage}\tfile\n`;
  });
  git(['update-index', '--index-info'], stages.join(''));
  writeFileSync(
    `${cwd}/file`,
    Buffer.concat([Buffer.from('<<<<<<< ours\n'), bytes, Buffer.from('\n=======\nzzz\n>>>>>>> theirs\n')]),
  );
  const { status, stderr } = spawnSync('git', ['rerere'], { cwd, env, encoding: 'utf8' });
  return { status, stderr };
}

it('a fetch that git ends because of one is refused by its own code', async () => {
  const repository = await initRepository(temporaryFolder(), { protocols: ['file'], git: dyingGit() });
  onTestFinished(() => repository.close());
  const refspecs = [{ from: 'HEAD', to: 'refs/heads/main' }];
  const fetched = repository.fetch({ url: `file://${temporaryFolder()}`, refspecs });
  await expect(fetched).rejects.toMatchObject({ ...code('GIT_COLLISION'), kind: 'security' });
});

function dyingGit(): string {
  const path = `${temporaryFolder()}/git`;
  const said =
    'fatal: SHA-1 appears to be part of a collision attack: f92d74e3874587aaf443d1db961d4e26dde13e9c';
  const script = `case " $* " in *" fetch "*) echo '${said}' >&2; exit 128;; esac\nexec git "$@"`;
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
