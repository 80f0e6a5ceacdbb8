import { readFile, symlink, writeFile } from 'node:fs/promises';
import { CLIENT_LIMITS, openClient, openMemoryStore, type Snapshot } from '@cargo-tuf/client';
import { openFolderSource } from '@cargo-tuf/http-transport';
import { LEAST_KEEP } from '@cargo-tuf/repository';
import { describe, expect, it } from 'vitest';
import { HOUR, openRegistry, type Trial } from './trial.ts';

const DAY = 24 * HOUR;
const CRATES = ['itoa', 'ryu', 'a', 'serde'];

/** Some days of changes and renewals; then a client syncs, and the registry goes on. */
async function openOld(): Promise<Trial> {
  const trial = await openRegistry();
  for (const name of CRATES) await trial.crate('crates', name, '1.0.0');
  await trial.done('publish', 'registry', '--crates', 'crates');
  await trial.crate('crates', 'serde', '1.1.0');
  await trial.done('publish', 'registry', '--crates', 'crates');
  await trial.done('yank', 'registry', 'itoa@1.0.0');
  for (let days = 0; days < 5; days++) {
    trial.now += DAY - HOUR;
    await trial.done('renew', 'registry');
  }
  await trial.done('yank', 'registry', 'itoa@1.0.0', '--undo');
  return trial;
}

async function sync(trial: Trial): Promise<Snapshot> {
  return openClient({
    root: await readFile(trial.path('registry/public/metadata/1.root.json')),
    source: openFolderSource(trial.path('registry/public')),
    store: openMemoryStore(),
    clock: () => trial.now,
  }).sync();
}

describe('prune', () => {
  it('removes what has expired, and no file that a client may still ask for', async () => {
    const trial = await openOld();
    const client = await sync(trial);
    await trial.done('yank', 'registry', 'ryu@1.0.0');
    await trial.done('delete', 'registry', 'a');
    trial.now += 5 * HOUR;
    const before = await trial.files('registry/public');
    const outcome = await trial.done('prune', 'registry', '--keep', '2');
    const after = await trial.files('registry/public');
    const removed = before.length - after.length;
    expect(outcome.stdout).toMatch(
      /^6 snapshots stay, 6 went\nremoved \d+ files, \d+ bytes: 2 tiles, 1 entries, \d+ others\n$/,
    );
    expect(outcome.stdout).toContain(`removed ${removed} files`);
    expect(outcome.stdout).toContain(` ${removed - 3} others`);
    for (const kept of ['crates/itoa/itoa-1.0.0.crate', 'metadata/1.root.json', 'metadata/1.targets.json'])
      expect(after).toContain(kept);
    for (const gone of ['metadata/1.snapshot.json', 'metadata/1.bundle', 'metadata/2.crates.json'])
      expect([before.includes(gone), after.includes(gone)], gone).toEqual([true, false]);

    const entries = await client.entries(CRATES);
    expect([...entries.values()].every(entry => entry !== undefined)).toBe(true);
    expect((await client.tree()).size).toBe(4);
    expect(await client.fetchTarget('config.json')).toBeDefined();
    expect((await (await sync(trial)).entries(['ryu', 'a'])).get('a')).toBeUndefined();
    await trial.done('verify', 'registry');
    expect((await trial.done('prune', 'registry', '--keep', '2', '--json')).json).toMatchObject({ files: 0 });
    await trial.done('yank', 'registry', 'ryu@1.0.0', '--undo');
    await trial.done('verify', 'registry');
  });

  it('tells in a dry run what it would remove, and removes nothing', async () => {
    const trial = await openOld();
    const before = await trial.files('registry/public');
    const dry = await trial.done('prune', 'registry', '--keep', '2', '--dry-run', '--json');
    expect(await trial.files('registry/public')).toEqual(before);
    expect((await trial.done('prune', 'registry', '--keep', '2', '--dry-run')).stdout).toMatch(
      /^\d+ snapshots stay, \d+ would go\nwould remove \d+ files, \d+ bytes: \d+ tiles, \d+ entries, \d+ others\n$/,
    );
    const done = await trial.done('prune', 'registry', '--keep', '2', '--json');
    expect(done.json).toEqual({ ...dry.json, dryRun: false });
    expect(Object.keys(done.json)).toEqual([
      'dryRun',
      'keepDays',
      'retained',
      'retired',
      'tiles',
      'entries',
      'files',
      'bytes',
    ]);
    expect(before.length - (await trial.files('registry/public')).length).toBe(done.json['files']);
    expect(done.json['files']).toBeGreaterThan(10);
  });

  it('keeps a week unless told otherwise, and no less than clients need', async () => {
    expect(LEAST_KEEP).toBe(CLIENT_LIMITS.run + CLIENT_LIMITS.clockSlack);
    const trial = await openOld();
    expect((await trial.done('prune', 'registry', '--json')).json).toMatchObject({
      keepDays: 7,
      retired: 0,
      files: 0,
    });
    for (const keep of ['1', '0', '-3', '1.5', 'week', '99999999']) {
      expect(await trial.run('prune', 'registry', `--keep=${keep}`), keep).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(
          new RegExp(
            `^tuf-admin: error: --keep: "${keep}", expected a number from 2 to 36500\\ntuf-admin: hint: .+\\ntuf-admin: code: ADMIN_USAGE\\n$`,
          ),
        ),
      });
    }
  });

  it('removes nothing where the clock finds everything expired, a file is damaged, or a link is planted', async () => {
    const trial = await openOld();
    const before = await trial.files('registry/public');
    trial.now += 2 * DAY;
    expect(await trial.run('prune', 'registry')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('REPOSITORY_EXPIRED'),
    });
    trial.now -= 2 * DAY;
    const tile = trial.path(`registry/public/${await rootTile(trial)}`);
    const bytes = await readFile(tile);
    await writeFile(tile, bytes.subarray(1));
    expect(await trial.run('prune', 'registry', '--keep', '2')).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('REPOSITORY_DAMAGED'),
    });
    await writeFile(tile, bytes);
    await symlink('1.root.json', trial.path('registry/public/metadata/99.crates.json'));
    expect(await trial.run('prune', 'registry', '--keep', '2')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('ADMIN_LINK'),
    });
    expect((await trial.files('registry/public')).filter(file => !file.endsWith('/99.crates.json'))).toEqual(
      before,
    );
  });

  it('needs no key, and a repository', async () => {
    const trial = await openOld();
    for (const file of await trial.files('registry/keys'))
      await writeFile(trial.path(`registry/keys/${file}`), '');
    await trial.done('prune', 'registry', '--keep', '2');
    expect(await trial.run('prune', 'elsewhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ADMIN_NO_REPOSITORY'),
    });
    expect((await trial.done('prune', '--help')).stdout).toContain(
      'tuf-admin prune registry --keep 14 --dry-run',
    );
  });
});

async function rootTile(trial: Trial): Promise<string> {
  const timestamp = await readFile(trial.path('registry/public/metadata/timestamp.json'), 'utf8');
  const root = /"merkle_root":"([0-9a-f]{64})"/.exec(timestamp)?.[1] as string;
  return `map/${root.slice(0, 2)}/${root}.tile`;
}
