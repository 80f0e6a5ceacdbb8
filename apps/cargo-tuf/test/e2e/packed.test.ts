// The guides, as somebody follows them who has only the packed tarballs: installed into an empty folder, called through the
// real cargo.

import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { indexPath } from '@cargo-tuf/crate-index';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeProject } from '../../../../tools/fixtures/debian-project.ts';
import type { Mirror } from '../../../../tools/fixtures/mirror-server.ts';
import { entriesOf, SMALL_CRATES } from '../../../../tools/fixtures/small-registry.ts';
import { Developer } from './developer.ts';
import { Operator } from './operator.ts';
import type { Ended } from './process.ts';
import { hasCargo, NO_CARGO } from './tools.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

describe('from packed tarballs', () => {
  let developer: Developer;
  let operator: Operator;
  let mirror: Mirror;

  beforeAll(async () => {
    if (!hasCargo) return;
    developer = await Developer.create();
    operator = await Operator.create();
    await mkdir(`${developer.folder}/tarballs`);
    for (const app of ['cargo-tuf', 'tuf-admin']) {
      const packed = spawnSync('npm', ['pack', '--pack-destination', `${developer.folder}/tarballs`], {
        cwd: `${repository}/apps/${app}`,
        encoding: 'utf8',
      });
      expect(packed.status, packed.stderr).toBe(0);
    }
    const tarballs = (await readdir(`${developer.folder}/tarballs`)).map(
      name => `${developer.folder}/tarballs/${name}`,
    );
    expect(tarballs).toHaveLength(2);
    const installed = spawnSync(
      'npm',
      ['install', '--global', '--offline', '--prefix', `${developer.folder}/installed`, ...tarballs],
      { encoding: 'utf8', cwd: developer.folder },
    );
    expect(installed.status, installed.stderr).toBe(0);
    developer.environment['PATH'] =
      `${developer.folder}/installed/bin${delimiter}${developer.environment['PATH']}`;
    for (const { name, version, archive } of SMALL_CRATES) {
      await mkdir(`${operator.folder}/crates`, { recursive: true });
      await writeFile(`${operator.folder}/crates/${name}-${version}.crate`, archive);
    }
  });

  afterAll(async () => {
    await mirror?.close();
    await developer?.remove();
    await operator?.remove();
  });

  const tuf = (...args: string[]): Promise<Ended> => developer.cargo(['tuf', ...args]);
  const works = async (ended: Promise<Ended>): Promise<Ended> => {
    const result = await ended;
    expect(result.code, result.stderr).toBe(0);
    return result;
  };

  it('an operator makes and publishes a registry', async ctx => {
    ctx.skip(!hasCargo, NO_CARGO);
    const admin = (...args: string[]) => works(developer.run('tuf-admin', args, operator.folder));
    await writeFile(`${operator.folder}/passphrase`, 'correct horse battery staple\n', { mode: 0o600 });
    const passphrase = ['--passphrase-file', 'passphrase'];
    await admin(
      'init',
      'registry',
      '--dl',
      'https://crates.example/crates',
      '--root-keys',
      '5',
      '--root-threshold',
      '3',
      ...passphrase,
    );
    await admin('publish', 'registry', '--crates', 'crates', ...passphrase);
    await admin('renew', 'registry', ...passphrase);
    expect((await admin('verify', 'registry')).stdout).not.toBe('');
    mirror = await operator.serve();
  });

  it('a laptop: trust, build, enable, sync, offline', async ctx => {
    ctx.skip(!hasCargo, NO_CARGO);
    await writeProject(developer.project, { greeting: '"1"' });
    await developer.trust(await operator.root(), [mirror.url]);
    expect((await works(tuf('doctor'))).stdout).not.toContain('FAIL');
    expect((await works(tuf('build'))).stderr).toContain('Finished');
    expect((await works(tuf('--', 'tree'))).stdout).toContain('wording v0.3.0');
    expect((await works(tuf('explain', 'greeting'))).stdout).toContain('the map of crates proves sha256');
    await works(tuf('enable'));
    expect((await works(tuf('status'))).stdout).toContain('bypass     none');
    await rm(`${developer.cargoHome}/registry`, { recursive: true });
    await works(developer.cargo(['build']));
    await works(tuf('sync'));
    await works(tuf('build', '--offline'));
    expect((await works(tuf('verify'))).stdout).toMatch(
      /2 locked crates and \d+ copies in cargo's caches are as signed/,
    );
    expect((await works(developer.cargo(['help', 'tuf']))).stdout).toContain('cargo tuf build --release');
    expect((await works(tuf('disable'))).stderr).toContain('the proxy was stopped');
  });

  it('a whole index, with the worker that is packed', async ctx => {
    ctx.skip(!hasCargo, NO_CARGO);
    const program = `${developer.folder}/installed/lib/node_modules/cargo-tuf/dist`;
    expect(await readdir(program)).toEqual(expect.arrayContaining(['main.js', 'hash-worker.js']));
    const index = `${developer.folder}/index`;
    const entries = await entriesOf(SMALL_CRATES);
    for (const [name, bytes] of entries) {
      await mkdir(dirname(`${index}/${indexPath(name)}`), { recursive: true });
      await writeFile(`${index}/${indexPath(name)}`, bytes);
    }
    const verify = () => tuf('verify', '--index', index, '--resume', `${developer.folder}/verify.json`);
    expect((await works(verify())).stdout).toBe('3 index entries are as signed\n');
    await writeFile(`${index}/${indexPath('wording')}`, 'changed');
    const changed = await verify();
    expect(changed.stderr).toMatch(/wo\/rd\/wording: sha256 [0-9a-f]{64}, expected [0-9a-f]{64}/);
    expect(changed.code).toBe(4);
  });

  it('CI: a pinned root, a floor file, one step, on a fresh machine and again with its cache', async ctx => {
    ctx.skip(!hasCargo, NO_CARGO);
    await works(tuf('sync', '--floors'));
    await mkdir(`${developer.project}/ci`);
    await cp(`${operator.repository}/public/metadata/1.root.json`, `${developer.project}/ci/root.json`);
    const fingerprint = encodeHex(sha256(await readFile(`${developer.project}/ci/root.json`)));
    const step = `cargo tuf trust add crates-io --root ci/root.json --mirror ${mirror.url} --fingerprint ${fingerprint} && cargo tuf build --locked`;
    developer.environment = {
      ...developer.environment,
      CARGO_HOME: `${developer.folder}/ci-home`,
      CARGO_TARGET_DIR: `${developer.folder}/ci-target`,
    };
    const runStep = () => developer.run('sh', ['-c', step], developer.project);
    for (const run of ['fresh', 'cached']) {
      const ended = await runStep();
      expect(ended.code, `${run}: ${ended.stderr}`).toBe(0);
    }
    const sources = `${developer.folder}/ci-home/registry/src`;
    const [cache] = await readdir(sources);
    await writeFile(`${sources}/${cache}/wording-0.3.0/src/lib.rs`, 'poison');
    const poisoned = await runStep();
    expect(poisoned.code).toBe(4);
    expect(poisoned.stderr).toContain('wording-0.3.0/src/lib.rs: sha256');
  });
});
