import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { encodeCrate } from '@cargo-tuf/crate-archive';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { describe, expect, it } from 'vitest';
import { openRegistry, type Trial } from './trial.ts';

/** The lines of a crate's entry that was published last. */
async function entryOf(trial: Trial, path: string): Promise<readonly string[]> {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const name = path.slice(path.lastIndexOf('/') + 1);
  const texts: string[] = [];
  for (const file of await trial.files(`registry/public/targets/${folder}`)) {
    if (file.endsWith(`.${name}`))
      texts.push(await readFile(trial.path(`registry/public/targets/${folder}/${file}`), 'utf8'));
  }
  const longest = texts.sort((one, other) => other.length - one.length)[0] ?? '';
  return longest.split('\n').filter(line => line !== '');
}

describe('publish --crates', () => {
  it('makes index lines from archives, and copies them', async () => {
    const trial = await openRegistry();
    const bytes = await trial.crate(
      'crates',
      'itoa',
      '1.0.0',
      '[dependencies]\nryu = { version = "1", optional = true }\n',
    );
    await trial.crate('crates', 'Inflector', '0.1.0+build.2');
    const published = await trial.done('publish', 'registry', '--crates', 'crates', '--json');
    expect(published.json).toMatchObject({
      added: ['Inflector 0.1.0+build.2', 'itoa 1.0.0'],
      crates: ['inflector', 'itoa'],
      unchanged: 0,
      ignored: [],
      treeVersion: 2,
      timestampVersion: 2,
    });
    expect(await trial.files('registry/public/crates')).toEqual([
      'Inflector/Inflector-0.1.0+build.2.crate',
      'itoa/itoa-1.0.0.crate',
    ]);
    const [line] = await entryOf(trial, 'it/oa/itoa');
    expect(JSON.parse(line ?? '')).toMatchObject({
      name: 'itoa',
      vers: '1.0.0',
      cksum: encodeHex(sha256(bytes)),
      yanked: false,
    });
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({
      ok: true,
      crates: 2,
      versions: 2,
      archives: 2,
    });
  });

  it('takes names whose index path has a hyphen or underscore first', async () => {
    const trial = await openRegistry();
    for (const name of ['io-lifetimes', 'a_b', 'a--b', 'ab_', 'a-'])
      await trial.crate('crates', name, '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    expect(
      (await trial.files('registry/public/targets')).filter(file => file.startsWith('io/-l/')),
    ).toHaveLength(1);
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({
      ok: true,
      crates: 5,
      archives: 5,
    });
  });

  it('adds versions after those that are there, from several folders', async () => {
    const trial = await openRegistry();
    await trial.crate('first', 'itoa', '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'first');
    await trial.crate('second', 'itoa', '0.9.0');
    await trial.crate('third', 'itoa', '1.1.0-alpha.1');
    await trial.done('publish', 'registry', '--crates', 'second', '--crates', 'third');
    const versions = (await entryOf(trial, 'it/oa/itoa')).map(
      line => (JSON.parse(line) as { vers: string }).vers,
    );
    expect(versions).toEqual(['1.0.0', '0.9.0', '1.1.0-alpha.1']);
  });

  it('leaves what is published as it is', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    const again = await trial.done('publish', 'registry', '--crates', 'crates', '--json');
    expect(again.json).toMatchObject({
      added: [],
      crates: [],
      unchanged: 1,
      treeVersion: 2,
      timestampVersion: 3,
    });
  });

  it('keeps dependencies on crates.io there when the registry is named', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0', '[dependencies]\nryu = "1"\n');
    await trial.done(
      'publish',
      'registry',
      '--crates',
      'crates',
      '--registry',
      'sparse+https://index.example.org/',
    );
    const [line] = await entryOf(trial, 'it/oa/itoa');
    expect(line).toContain('"registry":"https://github.com/rust-lang/crates.io-index"');
  });

  it.each([
    ['other bytes under a published version', 'itoa', '1.0.0', '# changed\n', 'ADMIN_VERSION_EXISTS', 2],
    ['a published version with other build metadata', 'itoa', '1.0.0+2', '', 'ADMIN_VERSION_EXISTS', 2],
    ['a name that differs in case alone', 'Itoa', '2.0.0', '', 'ADMIN_NAME_TAKEN', 2],
    ['a name that differs in - and _ alone', 'serde-json', '2.0.0', '', 'ADMIN_NAME_TAKEN', 2],
  ])('refuses %s, and publishes nothing', async (_, name, version, extra, code, exit) => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    await trial.crate('crates', 'serde_json', '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    const before = await trial.files('registry/public');
    await trial.crate('other', 'fine', '1.0.0');
    await trial.crate('other', name, version, extra);
    const outcome = await trial.run('publish', 'registry', '--crates', 'other');
    expect(outcome.stderr).toContain(`tuf-admin: code: ${code}\n`);
    expect(outcome.code).toBe(exit);
    expect(await trial.files('registry/public')).toEqual(before);
  });

  it('refuses a name of many parts that differs in - and _ alone', async () => {
    const parts = 'abcdefghijklm'.split('');
    const trial = await openRegistry();
    await trial.crate('crates', parts.join('-'), '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    await trial.crate('other', parts.join('_'), '1.0.0');
    expect(await trial.run('publish', 'registry', '--crates', 'other')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ADMIN_NAME_TAKEN'),
    });
  });

  it('refuses a deleted version that comes back with other bytes', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0');
    await trial.done('publish', 'registry', '--crates', 'crates');
    await trial.done('delete', 'registry', 'itoa');
    await trial.crate('other', 'itoa', '1.0.0', '# changed\n');
    expect(await trial.run('publish', 'registry', '--crates', 'other')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ADMIN_VERSION_EXISTS'),
    });
    expect((await trial.done('publish', 'registry', '--crates', 'crates', '--json')).json['added']).toEqual([
      'itoa 1.0.0',
    ]);
  });

  it.each([
    ['a name without a version', 'itoa.crate', 'ADMIN_INPUT', 1],
    ['the name of another crate', 'ryu-1.0.0.crate', 'CRATE_PATH', 4],
    ['a version that is none', 'itoa-1.0.crate', 'INDEX_VERSION', 1],
  ])('refuses an archive whose file has %s', async (_, file, code, exit) => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '1.0.0', '', file);
    const outcome = await trial.run('publish', 'registry', '--crates', 'crates');
    expect(outcome.stderr).toContain(`tuf-admin: code: ${code}\n`);
    expect(outcome.stderr).toContain(file);
    expect(outcome.code).toBe(exit);
  });

  it.each([
    ['is of another version', '[package]\nname = "itoa"\nversion = "1.0.1"\n', 'is of itoa 1.0.1'],
    ['is of another crate', '[package]\nname = "ryu"\nversion = "1.0.0"\n', 'is of ryu 1.0.0'],
    ['is not TOML', '[package\n', 'line 1: not TOML'],
    ['is not UTF-8', '\ufffd', 'not UTF-8'],
  ])('refuses an archive whose manifest %s', async (_, manifest, message) => {
    const trial = await openRegistry();
    await mkdir(trial.path('crates'));
    const bytes = manifest === '\ufffd' ? Uint8Array.of(0xff) : new TextEncoder().encode(manifest);
    const archive = encodeCrate('itoa', '1.0.0', new Map([['Cargo.toml', bytes]]));
    await writeFile(trial.path('crates/itoa-1.0.0.crate'), archive);
    const outcome = await trial.run('publish', 'registry', '--crates', 'crates');
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain('tuf-admin: code: ADMIN_INPUT\n');
    expect(outcome.code).toBe(1);
  });

  it('refuses damaged archives', async () => {
    const trial = await openRegistry();
    const bytes = await trial.crate('crates', 'itoa', '1.0.0');
    for (const length of [0, 1, 10, bytes.length - 1]) {
      await writeFile(trial.path('crates/itoa-1.0.0.crate'), bytes.subarray(0, length));
      expect((await trial.run('publish', 'registry', '--crates', 'crates')).code).toBe(1);
    }
    expect(await trial.files('registry/public/targets')).toHaveLength(1);
  });

  it('refuses links where an archive or a folder should be', async () => {
    const trial = await openRegistry();
    await trial.crate('elsewhere', 'itoa', '1.0.0');
    await mkdir(trial.path('crates'));
    await symlink('../elsewhere/itoa-1.0.0.crate', trial.path('crates/itoa-1.0.0.crate'));
    expect(await trial.run('publish', 'registry', '--crates', 'crates')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('ADMIN_LINK'),
    });
    await rename(trial.path('registry/public'), trial.path('moved'));
    await symlink('../moved', trial.path('registry/public'));
    expect(await trial.run('publish', 'registry', '--crates', 'elsewhere')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('ADMIN_LINK'),
    });
  });

  it('lets publishers take turns: nothing is lost', async () => {
    const trial = await openRegistry();
    const names = ['alpha', 'beta', 'gamma', 'delta'];
    for (const name of names) {
      await trial.crate(name, name, '1.0.0');
      await trial.crate(name, 'common', `${names.indexOf(name) + 1}.0.0`);
    }
    const outcomes = await Promise.all(names.map(name => trial.run('publish', 'registry', '--crates', name)));
    expect(outcomes.map(outcome => outcome.code)).toEqual([0, 0, 0, 0]);
    expect(await entryOf(trial, 'co/mm/common')).toHaveLength(4);
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({
      ok: true,
      crates: 5,
      versions: 8,
      archives: 8,
    });
  });

  it('publishes nothing without a folder, or from one that is not there', async () => {
    const trial = await openRegistry();
    expect((await trial.run('publish', 'registry')).code).toBe(2);
    expect((await trial.run('publish', 'registry', '--crates', 'absent')).code).toBe(3);
    expect((await trial.run('publish', 'absent', '--crates', 'absent')).code).toBe(3);
  });
});

describe('publish --index', () => {
  const line = (name: string, vers: string, cksum = '0'.repeat(64)) =>
    `{"name":"${name}", "vers":"${vers}","deps":[],"cksum":"${cksum}","features":{},"yanked":false,"pubtime":"2026-01-01T00:00:00Z"}\n`;

  async function writeIndex(trial: Trial, entries: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(entries)) {
      await mkdir(trial.path(`index/${path}`).replace(/[^/]+$/, ''), { recursive: true });
      await writeFile(trial.path(`index/${path}`), text);
    }
  }

  it('publishes entries byte for byte, without config.json and hidden files', async () => {
    const trial = await openRegistry();
    await writeIndex(trial, {
      'config.json': '{"dl":"https://elsewhere.example.org"}',
      '.git/HEAD': 'ref',
      '1/a': line('a', '1.0.0'),
      '3/a/abc': line('abc', '1.0.0'),
      'it/oa/itoa': line('itoa', '0.1.0') + line('itoa', '0.2.0'),
    });
    const published = await trial.done('publish', 'registry', '--index', 'index', '--json');
    expect(published.json).toMatchObject({
      added: ['a 1.0.0', 'abc 1.0.0', 'itoa 0.1.0', 'itoa 0.2.0'],
      unchanged: 0,
    });
    const hash = encodeHex(sha256(new TextEncoder().encode(line('itoa', '0.1.0') + line('itoa', '0.2.0'))));
    expect(await trial.files('registry/public/targets')).toContain(`it/oa/${hash}.itoa`);
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({
      ok: true,
      crates: 3,
      versions: 4,
      archives: 0,
    });
    const again = await trial.done('publish', 'registry', '--index', 'index', '--json');
    expect(again.json).toMatchObject({ added: [], unchanged: 3, treeVersion: 2 });
  });

  it('goes on from a published entry, whether its last line ends or not', async () => {
    const trial = await openRegistry();
    const versions = ['0.1.0', '0.2.0', '0.3.0', '0.4.0'].map(version => line('itoa', version));
    const steps: readonly (readonly [string, readonly string[]])[] = [
      [versions.slice(0, 2).join('').trimEnd(), ['itoa 0.1.0', 'itoa 0.2.0']],
      [versions.slice(0, 3).join(''), ['itoa 0.3.0']],
      [versions.join(''), ['itoa 0.4.0']],
      [versions.join('').replace('false', 'true'), []],
      [`${versions.join('').replace('false', 'true')}${line('itoa', '0.5.0')}`, ['itoa 0.5.0']],
    ];
    for (const [text, added] of steps) {
      await writeIndex(trial, { 'it/oa/itoa': text });
      expect((await trial.done('publish', 'registry', '--index', 'index', '--json')).json).toMatchObject({
        added,
        crates: ['itoa'],
      });
    }
    expect((await trial.done('verify', 'registry', '--json')).json).toMatchObject({ ok: true, versions: 5 });
  });

  it('copies the archives that the index names, and says which it does not', async () => {
    const trial = await openRegistry();
    const bytes = await trial.crate('crates', 'itoa', '0.1.0');
    await trial.crate('crates', 'ryu', '1.0.0');
    await writeIndex(trial, { 'it/oa/itoa': line('itoa', '0.1.0', encodeHex(sha256(bytes))) });
    const published = await trial.done(
      'publish',
      'registry',
      '--index',
      'index',
      '--crates',
      'crates',
      '--json',
    );
    expect(published.json['ignored']).toEqual([trial.path('crates/ryu-1.0.0.crate')]);
    expect(published.stderr).toContain('ryu-1.0.0.crate: the index does not list it');
    expect(await trial.files('registry/public/crates')).toEqual(['itoa/itoa-0.1.0.crate']);
  });

  it.each([
    ['a file that is no entry', { 'README.md': 'hello' }, 'INDEX_PATH', 1],
    ['an entry at the path of another', { 'it/ob/itoa': line('itoa', '0.1.0') }, 'INDEX_PATH', 1],
    ['an entry of another crate', { 'it/oa/itoa': line('ryu', '0.1.0') }, 'INDEX_WRONG_CRATE', 4],
    [
      'a version twice',
      { 'it/oa/itoa': line('itoa', '0.1.0') + line('itoa', '0.1.0') },
      'INDEX_DUPLICATE',
      4,
    ],
    ['a line that is no JSON', { 'it/oa/itoa': '{\n' }, 'INDEX_LINE', 1],
    [
      'a changed checksum',
      { 'ry/uu/ryuu': line('ryuu', '1.0.0', '1'.repeat(64)) },
      'ADMIN_VERSION_EXISTS',
      2,
    ],
    [
      'a changed checksum before a new version',
      { 'ry/uu/ryuu': line('ryuu', '1.0.0', '1'.repeat(64)) + line('ryuu', '1.0.1') },
      'ADMIN_VERSION_EXISTS',
      2,
    ],
    [
      'a new version of other build metadata',
      { 'ry/uu/ryuu': line('ryuu', '1.0.0') + line('ryuu', '1.0.0+2') },
      'INDEX_DUPLICATE',
      4,
    ],
    [
      'two crates that cargo takes for one',
      { 'a-/bc/a-bc': line('a-bc', '1.0.0'), 'a_/bc/a_bc': line('a_bc', '1.0.0') },
      'ADMIN_NAME_TAKEN',
      2,
    ],
  ])('refuses %s, and publishes nothing', async (_, entries, code, exit) => {
    const trial = await openRegistry();
    await writeIndex(trial, { 'ry/uu/ryuu': line('ryuu', '1.0.0') });
    await trial.done('publish', 'registry', '--index', 'index');
    const before = await trial.files('registry/public');
    await writeIndex(trial, entries);
    const outcome = await trial.run('publish', 'registry', '--index', 'index');
    expect(outcome.stderr).toContain(`tuf-admin: code: ${code}\n`);
    expect(outcome.code).toBe(exit);
    expect(await trial.files('registry/public')).toEqual(before);
  });

  it('refuses an archive that is not the one that the index names', async () => {
    const trial = await openRegistry();
    await trial.crate('crates', 'itoa', '0.1.0');
    await writeIndex(trial, { 'it/oa/itoa': line('itoa', '0.1.0') });
    expect(await trial.run('publish', 'registry', '--index', 'index', '--crates', 'crates')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('ADMIN_CHECKSUM'),
    });
  });
});
