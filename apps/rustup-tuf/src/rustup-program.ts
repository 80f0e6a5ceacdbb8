// The rustup of this machine, `$CARGO_HOME/bin/rustup`: one program under many names. `rustup-init` of a release is the same program.
// What it is linked to as cargo, rustc and so on are links to it, symbolic ones, or second names of its file.

import { execFile } from 'node:child_process';
import { link, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import type { Context } from './context.ts';
import { fail, fileError } from './errors.ts';
import { rustupInitPath } from '@cargo-tuf/release-channel';
import type { Session } from './releases.ts';
import { hostOf } from './toolchain-choice.ts';

/** The programs that rustup answers for. */
const PROXIES: readonly string[] = [
  'cargo',
  'cargo-clippy',
  'cargo-fmt',
  'cargo-miri',
  'clippy-driver',
  'rls',
  'rust-analyzer',
  'rust-gdb',
  'rust-gdbgui',
  'rust-lldb',
  'rustc',
  'rustdoc',
  'rustfmt',
];

export interface RustupUpdate {
  readonly file: string;
  readonly before: string | undefined;
  readonly version: string;
  readonly status: 'installed' | 'changed' | 'unchanged';
}

/** Its version, as it says it itself; undefined where there is none. */
export async function installedRustup(context: Context): Promise<string | undefined> {
  const file = rustupFile(context);
  const said = await new Promise<string>(resolve => {
    execFile(
      file,
      ['--version'],
      {
        env: { ...context.environment, RUSTUP_HOME: context.rustup.root },
        timeout: 20_000,
        windowsHide: true,
      },
      (_, stdout) => resolve(stdout),
    );
  });
  return /^rustup (\d+\.\d+\.\d+)/.exec(said)?.[1];
}

/**
 * Installs the newest signed rustup, which is verified before it gets its name. Throws `INSTALL_OLDER_RUSTUP` where it is older than
 * the one that is there, `INSTALL_NOT_SIGNED` where none is signed.
 */
export async function updateRustup({ context, snapshot }: Session): Promise<RustupUpdate> {
  const file = rustupFile(context);
  const release = await snapshot.rustupRelease();
  if (release === undefined) throw fail('INSTALL_NOT_SIGNED', 'rustup: the releases sign none');
  const { version } = release;
  const before = await installedRustup(context);
  if (before !== undefined && isLater(before, version)) {
    throw fail('INSTALL_OLDER_RUSTUP', `rustup: ${version} is signed, ${before} is installed`, {
      details: { signed: version, installed: before },
    });
  }
  const path = rustupInitPath(version, await hostOf(context));
  const old = await stat(file, { bigint: true }).catch(() => undefined);
  // A file that is right already is left as it is.
  if ((await snapshot.downloadTarget(path, file, { mode: 0o755 })) === undefined)
    throw fail('INSTALL_NOT_SIGNED', `rustup: the releases sign no ${path}`);
  const now = await stat(file, { bigint: true });
  if (old === undefined) await linkProxies(context, PROXIES);
  else if (old.ino !== now.ino) await linkProxies(context, await otherNames(context, old.ino));
  const status = old === undefined ? 'installed' : old.ino === now.ino ? 'unchanged' : 'changed';
  return { file, before, version, status };
}

/** Second names of the old program's file: they would stay the old one. */
async function otherNames({ home }: Context, inode: bigint): Promise<readonly string[]> {
  const folder = `${home.cargoHome}/bin`;
  const names: string[] = [];
  for (const name of await readdir(folder)) {
    const status = await stat(`${folder}/${name}`, { bigint: true }).catch(() => undefined);
    if (status?.ino === inode) names.push(name);
  }
  return names;
}

/** Existing programs of these names are replaced, at once. */
async function linkProxies({ home, machine }: Context, names: readonly string[]): Promise<void> {
  const folder = `${home.cargoHome}/bin`;
  const ending = machine.platform === 'win32' ? '.exe' : '';
  for (const name of names) {
    const file = name.endsWith(ending) ? `${folder}/${name}` : `${folder}/${name}${ending}`;
    const temporary = `${file}.${process.pid}.new`;
    try {
      if (machine.platform === 'win32') await link(`${folder}/rustup.exe`, temporary);
      else await symlink('rustup', temporary);
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw fileError(file, error);
    }
  }
}

function rustupFile({ home, machine }: Context): string {
  return `${home.cargoHome}/bin/rustup${machine.platform === 'win32' ? '.exe' : ''}`;
}

/** Whether version `a` comes after `b`; both are as "1.29.0". */
function isLater(a: string, b: string): boolean {
  const [left, right] = [a, b].map(version => version.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
