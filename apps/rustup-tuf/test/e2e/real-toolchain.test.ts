// This machine's own rustc, cargo and standard library, packed and signed: over 100 MB. rustup-tuf installs them, rustup's links run them,
// and a program is compiled.

import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildReleaseServer, HOST, type ReleaseServer } from '../../../../tools/fixtures/releases.ts';
import { packToolchain } from '../../../../tools/fixtures/toolchain-archives.ts';
import { NO_RUSTUP, RUSTUP_TUF, RustUser } from './rust-user.ts';

let user: RustUser;
let server: ReleaseServer;
let size = 0;

beforeAll(async () => {
  if (NO_RUSTUP !== undefined) return;
  user = await RustUser.create();
  server = await buildReleaseServer(`${user.folder}/server`);
  const rustc = execFileSync('rustup', ['which', 'rustc'], { encoding: 'utf8' }).trim();
  const version = /^rustc (\d+\.\d+\.\d+)/.exec(execFileSync(rustc, ['-V'], { encoding: 'utf8' }))?.[1] ?? '';
  await mkdir(`${user.folder}/packing`);
  const packing = { folder: `${user.folder}/packing`, label: version, host: HOST, formats: ['gz'] as const };
  const components = await packToolchain(packing, rustc.slice(0, -'/bin/rustc'.length));
  await server.publishChannel({ channel: 'stable', date: '2026-11-20', version, components });
  for (const { archives } of components)
    size += Number(execFileSync('stat', ['-c', '%s', archives[0]?.file ?? ''], { encoding: 'utf8' }));
  await user.trust(server.root, `file://${server.folder}/`);
}, 300_000);
afterAll(() => user?.remove());

it('is installed, and compiles a program under rustup', async context => {
  if (NO_RUSTUP !== undefined) console.log(`skipped: ${NO_RUSTUP}`);
  context.skip(NO_RUSTUP !== undefined, NO_RUSTUP);
  expect(size).toBeGreaterThan(100 * 1024 ** 2);
  const args = [RUSTUP_TUF, 'install', 'stable', '--profile', 'minimal'];
  const tellPeak = `data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS))`;
  const ended = await user.execute(process.execPath, ['--import', tellPeak, ...args]);
  expect(ended.code).toBe(0);
  const peak = Number(/peak (\d+)/.exec(ended.stderr)?.[1]) / 1024;
  console.log(`${Math.round(size / 1024 ** 2)} MiB of archives, at most ${Math.round(peak)} MiB of memory`);
  expect(peak).toBeLessThan(150);

  // rustup and its links, as they stand on a path.
  const bin = `${user.cargoHome}/bin`;
  await mkdir(bin, { recursive: true });
  await copyFile(
    execFileSync('sh', ['-c', 'command -v rustup'], { encoding: 'utf8' }).trim(),
    `${bin}/rustup`,
  );
  for (const name of ['cargo', 'rustc']) await symlink('rustup', `${bin}/${name}`);
  const environment = { PATH: `${bin}:${user.environment['PATH']}` };
  await mkdir(`${user.project}/src`);
  await writeFile(`${user.project}/src/main.rs`, 'fn main() { println!("signed"); }\n');
  await writeFile(
    `${user.project}/Cargo.toml`,
    '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
  );
  const built = await user.execute(`${bin}/cargo`, ['run', '--offline', '--quiet'], environment);
  expect(built).toMatchObject({ code: 0, stdout: 'signed\n' });
  expect((await user.execute(process.execPath, [RUSTUP_TUF, 'run', 'stable', 'cargo', '-V'])).stdout).toMatch(
    /^cargo 1\./,
  );
  const exit = await user.execute(process.execPath, [RUSTUP_TUF, 'run', 'stable', 'sh', '-c', 'exit 7']);
  expect(exit.code).toBe(7);
});
