// A real project with more than 38 direct and 120 locked dependencies, packed from Debian's crates: an operator signs them
// with tuf-admin, a developer builds them with the unmodified cargo.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasDebianCrates, packDebianCrates } from '../../../../tools/fixtures/debian-crates.ts';
import { DIRECT_DEPENDENCIES, writeProject } from '../../../../tools/fixtures/debian-project.ts';
import { type Mirror, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import { Developer } from './developer.ts';
import { Operator } from './operator.ts';
import { hasCargo, NO_CARGO } from './tools.ts';

const reason = !hasCargo
  ? NO_CARGO
  : (await hasDebianCrates())
    ? undefined
    : "needs Debian's librust-*-dev packages, see tools/fixtures/debian-crates.txt";

describe('a project of Debian’s crates', () => {
  let operator: Operator;
  let developer: Developer;
  let mirror: Mirror;
  let plain: Mirror;

  beforeAll(async () => {
    if (reason !== undefined) return;
    operator = await Operator.create();
    const packed = await packDebianCrates(`${operator.folder}/crates`);
    expect(packed).toBeGreaterThan(150);
    await operator.init();
    await operator.admin('publish', operator.repository, '--crates', `${operator.folder}/crates`);
    mirror = await operator.serve();
    plain = await startMirror(path => plainRegistry(operator, path, plain));
    developer = await Developer.create();
    await developer.trust(await operator.root(), [mirror.url]);
    await writeProject(developer.project);
  });

  afterAll(async () => {
    await developer?.tuf(['disable']);
    await mirror?.close();
    await plain?.close();
    await developer?.remove();
    await operator?.remove();
  });

  it('locks as it would without us, byte for byte', async ctx => {
    ctx.skip(reason !== undefined, reason);
    const config = [
      '--config',
      'source.crates-io.replace-with="plain"',
      '--config',
      `source.plain.registry="sparse+${plain.url}index/"`,
    ];
    expect((await developer.cargo([...config, 'generate-lockfile'])).code).toBe(0);
    const expected = await readFile(`${developer.project}/Cargo.lock`, 'utf8');
    await rm(`${developer.project}/Cargo.lock`);
    const ended = await developer.tuf(['generate-lockfile']);
    expect(ended.stderr).not.toContain('error');
    const lock = await readFile(`${developer.project}/Cargo.lock`, 'utf8');
    expect(lock).toBe(expected);
    expect(Object.keys(DIRECT_DEPENDENCIES).length).toBeGreaterThanOrEqual(38);
    expect(lock.match(/^\[\[package\]\]$/gm)?.length).toBeGreaterThanOrEqual(120);
  });

  it('builds through the proxy', async ctx => {
    ctx.skip(reason !== undefined, reason);
    const lock = await readFile(`${developer.project}/Cargo.lock`, 'utf8');
    const ended = await developer.tuf(['build', '--locked']);
    expect(ended.stderr).toContain('Finished');
    expect(ended.code).toBe(0);
    expect(await readFile(`${developer.project}/Cargo.lock`, 'utf8')).toBe(lock);
  });

  it('builds again without a request to the mirror', async ctx => {
    ctx.skip(reason !== undefined, reason);
    mirror.requests.length = 0;
    await writeFile(`${developer.project}/src/main.rs`, 'fn main() {}\n');
    const ended = await developer.tuf(['build']);
    expect(ended.code).toBe(0);
    expect(mirror.requests).toEqual([]);
  });

  it('builds offline after a sync, with an empty cargo cache and no mirror', async ctx => {
    ctx.skip(reason !== undefined, reason);
    expect((await developer.tuf(['sync'])).code).toBe(0);
    await rm(`${developer.cargoHome}/registry`, { recursive: true });
    mirror.requests.length = 0;
    await writeFile(`${developer.project}/src/main.rs`, 'fn main() { println!("offline"); }\n');
    const ended = await developer.tuf(['build', '--offline']);
    expect(ended.stderr).toContain('offline: crates-io as of timestamp 2');
    expect(ended.stderr).toContain('Finished');
    expect(ended.code).toBe(0);
    expect(mirror.requests).toEqual([]);
  });

  it('verifies plain cargo, and cargo inside a build script, once it is enabled', async ctx => {
    ctx.skip(reason !== undefined, reason);
    expect((await developer.tuf(['enable'])).code).toBe(0);
    await rm(`${developer.cargoHome}/registry`, { recursive: true });
    expect((await developer.cargo(['fetch', '--locked'])).code).toBe(0);
    expect(await cacheFolders(developer)).toEqual([expect.stringMatching(/^127\.0\.0\.1-/)]);
    await mkdir(`${developer.folder}/nested`);
    await writeProject(`${developer.folder}/nested`, { itoa: '"1"' });
    await writeProject(`${developer.folder}/outer`, {});
    await writeFile(
      `${developer.folder}/outer/build.rs`,
      `fn main() { assert!(std::process::Command::new(env!("CARGO")).args(["fetch", "--manifest-path", "${developer.folder}/nested/Cargo.toml"]).status().unwrap().success()); }\n`,
    );
    const ended = await developer.cargo(['build'], `${developer.folder}/outer`);
    expect(ended.stderr).toContain('Finished');
    expect(await cacheFolders(developer)).toHaveLength(1);
    expect((await developer.tuf(['status'])).stdout).toContain('bypass     none');
  });

  it('finds a changed file in cargo’s caches before it builds, and removes it when told to', async ctx => {
    ctx.skip(reason !== undefined, reason);
    const [cache] = await cacheFolders(developer);
    const source = `${developer.cargoHome}/registry/src/${cache}`;
    const [itoa] = (await readdir(source)).filter(name => name.startsWith('itoa-'));
    await writeFile(`${source}/${itoa}/src/lib.rs`, 'compile_error!("tampered");\n');
    const archive = `${developer.cargoHome}/registry/cache/${cache}/${(await readdir(`${developer.cargoHome}/registry/cache/${cache}`)).find(name => name.startsWith('ryu-'))}`;
    await writeFile(archive, Buffer.concat([await readFile(archive), Buffer.from('x')]));
    for (const command of ['build', 'verify']) {
      const ended = await developer.tuf([command]);
      expect(ended.code).toBe(4);
      expect(ended.stderr).toMatch(
        new RegExp(`${itoa}/src/lib\\.rs: sha256 [0-9a-f]{64}, expected [0-9a-f]{64}`),
      );
      expect(ended.stderr).toMatch(/ryu-[0-9.]+\.crate: sha256 [0-9a-f]{64}, expected [0-9a-f]{64}/);
    }
    expect((await developer.tuf(['clean'])).stdout).toContain(`removed ${source}/${itoa}`);
    expect((await developer.tuf(['build'])).code).toBe(0);
    expect((await developer.tuf(['verify'])).code).toBe(0);
  });

  it('vendors what was verified', async ctx => {
    ctx.skip(reason !== undefined, reason);
    const ended = await developer.tuf(['vendor', `${developer.folder}/vendor`]);
    expect(ended.code).toBe(0);
    expect((await readdir(`${developer.folder}/vendor`)).length).toBeGreaterThan(90);
  });
});

async function cacheFolders(developer: Developer): Promise<string[]> {
  return readdir(`${developer.cargoHome}/registry/cache`);
}

/** The same index and archives as a registry without signatures serves them. */
async function plainRegistry(operator: Operator, path: string, self: Mirror): Promise<Uint8Array | null> {
  if (path === 'index/config.json') {
    return Buffer.from(JSON.stringify({ dl: `${self.url}crates/{crate}/{crate}-{version}.crate` }));
  }
  if (!path.startsWith('index/')) return operator.file(path);
  const [, folder = '', name = ''] = /^index\/(.*)\/([^/]+)$/.exec(path) ?? [];
  const names = await readdir(`${operator.repository}/public/targets/${folder}`).catch(() => []);
  const file = names.find(each => each.slice(65) === name);
  return file === undefined ? null : operator.file(`targets/${folder}/${file}`);
}
