import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openContext } from '../../src/context.ts';
import { run } from '../../src/run.ts';

export const HOST = 'x86_64-unknown-linux-gnu';
export const RUSTUP_TUF: string = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const rustup = spawnSync('rustup', ['--version'], { encoding: 'utf8' });
const isRightMachine = process.arch === 'x64' && process.platform === 'linux';
/** Why the real rustup is not tried; undefined where it is. */
export const NO_RUSTUP: string | undefined =
  rustup.status === 0 && isRightMachine ? undefined : 'needs rustup on x86_64 Linux';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user of toolchains with homes of their own, below one temporary folder. */
export class RustUser {
  readonly folder: string;
  readonly rustupHome: string;
  readonly cargoHome: string;
  readonly project: string;
  environment: Record<string, string>;
  clock: () => number = Date.now;

  private constructor(folder: string) {
    this.folder = folder;
    this.rustupHome = `${folder}/rustup-home`;
    this.cargoHome = `${folder}/cargo-home`;
    this.project = `${folder}/project`;
    this.environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      RUSTUP_HOME: this.rustupHome,
      CARGO_HOME: this.cargoHome,
      TZ: 'UTC',
    };
  }

  static async create(): Promise<RustUser> {
    const user = new RustUser(await mkdtemp(`${tmpdir()}/rustup-tuf-`));
    await mkdir(user.project);
    return user;
  }

  /** Trusts the releases by their root, with the fingerprint that was checked. */
  async trust(root: Uint8Array, mirror: string): Promise<void> {
    const file = `${this.folder}/root.json`;
    await writeFile(file, root);
    const fingerprint = createHash('sha256').update(root).digest('hex');
    const ended = await this.tuf(
      'trust',
      'add',
      '--root',
      file,
      '--mirror',
      mirror,
      '--fingerprint',
      fingerprint,
    );
    if (ended.code !== 0) throw new Error(ended.stderr);
  }

  /** rustup-tuf in this process, with the clock of this user. */
  async tuf(...args: readonly string[]): Promise<Ended> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run(
      args,
      openContext({
        environment: this.environment,
        workingFolder: this.project,
        stdout: { write: (text: string) => out.push(text) },
        stderr: { write: (text: string) => err.push(text) },
        ask: undefined,
        clock: this.clock,
        machine: { platform: 'linux', arch: 'x64' },
      }),
    );
    return { code, stdout: out.join(''), stderr: err.join('') };
  }

  /** The real rustup, with the homes of this user and a server that does not answer unless it is given. */
  rustup(args: readonly string[], server = 'http://127.0.0.1:9'): Promise<Ended> {
    return this.execute('rustup', args, {
      RUSTUP_DIST_SERVER: server,
      RUSTUP_UPDATE_ROOT: `${server}/rustup`,
    });
  }

  execute(file: string, args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
    return new Promise(resolve => {
      execFile(
        file,
        [...args],
        { cwd: this.project, env: { ...this.environment, ...environment }, maxBuffer: 64 * 1024 ** 2 },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
      );
    });
  }

  /** What a toolchain's program says, started as its file; undefined where there is none. */
  async says(toolchain: string, program: string): Promise<string | undefined> {
    const file = `${this.rustupHome}/toolchains/${toolchain}-${HOST}/bin/${program}`;
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    return isThere ? (await this.execute(file, ['-V'])).stdout.trim() : undefined;
  }

  /** Names in a folder below RUSTUP_HOME; none where it is not there. */
  async names(folder: string): Promise<readonly string[]> {
    const names: string[] = await readdir(`${this.rustupHome}/${folder}`).catch(() => []);
    return names.sort();
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
