import { spawnSync } from 'node:child_process';

function versionOf(command: string): string | undefined {
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

const minor = Number(/^cargo 1\.([0-9]+)/.exec(versionOf('cargo') ?? '')?.[1] ?? 0);

/** A cargo that speaks to sparse registries: 1.68 or later. */
export const hasCargo: boolean = minor >= 68;
export const NO_CARGO = `needs cargo 1.68 or later, found ${versionOf('cargo')?.trim() ?? 'none'}`;
export const hasOpenssl: boolean = spawnSync('openssl', ['version']).status === 0;

const rustup = spawnSync('sh', ['-c', 'command -v rustup'], { encoding: 'utf8' }).stdout.trim();

/** The program itself, where there is a rustup that this machine can run. */
export const rustupPath: string | undefined = versionOf('rustup')?.startsWith('rustup ') ? rustup : undefined;
export const NO_RUSTUP = 'needs rustup on the path';
