import { copyFile, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import type { ReleaseServer } from '../../../../tools/fixtures/releases.ts';
import { type Mirror, type MirrorAnswer, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import { Developer } from './developer.ts';
import type { Ended } from './process.ts';
import { rustupPath } from './tools.ts';

/** A developer with a rustup of their own, which has installed nothing yet. */
export async function createRustupUser(): Promise<Developer> {
  const developer = await Developer.create();
  const bin = `${developer.cargoHome}/bin`;
  await mkdir(bin, { recursive: true });
  await copyFile(await realpath(rustupPath ?? ''), `${bin}/rustup`);
  Object.assign(developer.environment, {
    PATH: `${bin}:${developer.environment['PATH']}`,
    HOME: developer.folder,
    RUSTUP_HOME: `${developer.folder}/rustup-home`,
    RUSTUP_TERM_COLOR: 'never',
  });
  return developer;
}

/** Trusts the releases by their root, with the fingerprint that was checked. */
export async function trustReleases(
  developer: Developer,
  root: Uint8Array,
  mirrors: readonly string[],
): Promise<void> {
  const file = `${developer.folder}/rust-releases.root.json`;
  await writeFile(file, root);
  const ended = await developer.tuf([
    'trust',
    'add',
    'rust-releases',
    '--root',
    file,
    '--fingerprint',
    encodeHex(sha256(root)),
    ...mirrors.flatMap(mirror => ['--mirror', mirror]),
  ]);
  if (ended.code !== 0) throw new Error(ended.stderr);
}

export function rustup(developer: Developer, ...args: readonly string[]): Promise<Ended> {
  return developer.tuf(['rustup', ...args]);
}

/** What an installed program prints; undefined where it is not installed. */
export async function printed(
  developer: Developer,
  toolchain: string,
  program = 'rustc',
): Promise<string | undefined> {
  const { code, stdout } = await developer.run('rustup', ['run', toolchain, program], developer.project);
  return code === 0 ? stdout.trim() : undefined;
}

/** What a mirror does in place of serving the published file; undefined where it is honest. */
export type Bend = (path: string) => MirrorAnswer | undefined | Promise<MirrorAnswer | undefined>;

/** A mirror of a release server that bends what it is told to. */
export function serveReleases(server: ReleaseServer, bend: Bend = () => undefined): Promise<Mirror> {
  return startMirror(async path => {
    const bent = await bend(path);
    return bent === undefined ? readFile(`${server.folder}/${path}`).catch(() => null) : bent;
  });
}
