import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Ended, runProgram } from './process.ts';

export const CARGO_TUF = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A user of cargo with a home of their own, below one temporary folder. */
export class Developer {
  readonly folder: string;
  readonly cargoHome: string;
  readonly project: string;
  readonly port: number;
  environment: Record<string, string>;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.cargoHome = `${folder}/cargo-home`;
    this.project = `${folder}/project`;
    this.port = port;
    this.environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? folder,
      ...(process.env['RUSTUP_HOME'] && { RUSTUP_HOME: process.env['RUSTUP_HOME'] }),
      CARGO_HOME: this.cargoHome,
      CARGO_TARGET_DIR: `${folder}/target`,
      CARGO_TERM_COLOR: 'never',
      TZ: 'UTC',
    };
  }

  static async create(): Promise<Developer> {
    const developer = new Developer(await mkdtemp(`${tmpdir()}/cargo-tuf-`), await freePort());
    await mkdir(`${developer.cargoHome}/tuf`, { recursive: true, mode: 0o700 });
    await mkdir(developer.project);
    await writeFile(`${developer.cargoHome}/tuf/proxy.json`, `{"format":1,"port":${developer.port}}`);
    return developer;
  }

  /** Trusts a registry by its root, with the fingerprint that was checked. */
  async trust(root: Uint8Array, mirrors: readonly string[], registry = 'crates-io'): Promise<void> {
    const file = `${this.folder}/root.json`;
    await writeFile(file, root);
    const ended = await this.tuf([
      'trust',
      'add',
      registry,
      '--root',
      file,
      '--fingerprint',
      encodeHex(sha256(root)),
      ...mirrors.flatMap(mirror => ['--mirror', mirror]),
    ]);
    if (ended.code !== 0) throw new Error(ended.stderr);
  }

  tuf(args: readonly string[], cwd: string = this.project): Promise<Ended> {
    return this.run(process.execPath, [CARGO_TUF, ...args], cwd);
  }

  cargo(args: readonly string[], cwd: string = this.project): Promise<Ended> {
    return this.run('cargo', args, cwd);
  }

  run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
    return runProgram(command, args, { cwd, env: this.environment });
  }

  async remove(): Promise<void> {
    // A proxy that has just been stopped may still write what it keeps.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
