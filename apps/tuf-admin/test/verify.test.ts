import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openRegistry, type Trial } from './trial.ts';

async function openPublished(): Promise<Trial> {
  const trial = await openRegistry();
  for (const name of ['itoa', 'ryu', 'a']) await trial.crate('crates', name, '1.0.0');
  await trial.done('publish', 'registry', '--crates', 'crates');
  return trial;
}

/** Files of before the last publish, to which nothing refers. */
const SUPERSEDED = new Set(['metadata/1.snapshot.json', 'metadata/1.crates.json', 'metadata/1.bundle']);

describe('verify', () => {
  it('finds every file that was changed or lost, and only those', async () => {
    const trial = await openPublished();
    for (const file of await trial.files('registry/public')) {
      const path = trial.path(`registry/public/${file}`);
      const bytes = await readFile(path);
      const changed = Buffer.from(bytes);
      const middle = Math.floor(bytes.length / 2);
      changed[middle] = (bytes[middle] as number) ^ 1;
      await writeFile(path, changed);
      expect((await trial.run('verify', 'registry')).code, `${file} changed`).toBe(
        SUPERSEDED.has(file) ? 0 : 4,
      );
      await rm(path);
      const lost = await trial.run('verify', 'registry');
      if (SUPERSEDED.has(file)) expect(lost.code, `${file} lost`).toBe(0);
      else expect([2, 3, 4], `${file} lost`).toContain(lost.code);
      await writeFile(path, bytes);
    }
    expect((await trial.done('verify', 'registry')).stdout).toContain('everything is as signed');
  });

  it('names all that differs', async () => {
    const trial = await openPublished();
    await appendFile(trial.path('registry/public/crates/itoa/itoa-1.0.0.crate'), 'x');
    const [entry] = await trial.files('registry/public/targets/1');
    await appendFile(trial.path(`registry/public/targets/1/${entry}`), 'x');
    const outcome = await trial.run('verify', 'registry', '--json');
    expect(outcome.code).toBe(4);
    const { ok, differences } = outcome.json as { ok: boolean; differences: { subject: string }[] };
    expect(ok).toBe(false);
    expect(differences.map(each => each.subject).sort()).toEqual(['a', 'itoa 1.0.0']);
    expect(outcome.stderr).toContain(
      'tuf-admin: differs: itoa 1.0.0: public/crates/itoa/itoa-1.0.0.crate: sha256 ',
    );
  });
});

describe('root', () => {
  it('exports the newest root, once', async () => {
    const trial = await openRegistry();
    await trial.done('renew', 'registry', '--root');
    const exported = await trial.done('root', 'registry', '--export', 'root.json', '--json');
    expect(exported.json).toMatchObject({
      version: 2,
      root: trial.path('registry/public/metadata/2.root.json'),
    });
    expect(await readFile(trial.path('root.json'))).toEqual(
      await readFile(trial.path('registry/public/metadata/2.root.json')),
    );
    expect((await trial.run('root', 'registry', '--export', 'root.json')).code).toBe(3);
  });

  it('needs a repository', async () => {
    const trial = await openRegistry();
    expect(await trial.run('root', 'elsewhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ADMIN_NO_REPOSITORY'),
    });
  });
});
