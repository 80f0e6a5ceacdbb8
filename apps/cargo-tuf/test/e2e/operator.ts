import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Mirror, type MirrorAnswer, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import { type Ended, runProgram } from './process.ts';

const TUF_ADMIN = fileURLToPath(new URL('../../../tuf-admin/dist/main.js', import.meta.url));

/** An operator with tuf-admin and a repository in a temporary folder. */
export class Operator {
  readonly folder: string;
  readonly repository: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.repository = `${folder}/registry`;
  }

  static async create(): Promise<Operator> {
    return new Operator(await mkdtemp(`${tmpdir()}/tuf-admin-`));
  }

  /** Runs tuf-admin; throws with what it printed when it fails. */
  async admin(...args: readonly string[]): Promise<Ended> {
    const ended = await runProgram(process.execPath, [TUF_ADMIN, ...args]);
    if (ended.code !== 0) throw new Error(`tuf-admin ${args.join(' ')}: ${ended.stderr}`);
    return ended;
  }

  async init(): Promise<void> {
    await this.admin('init', this.repository, '--dl', 'https://crates.example/crates', '--unencrypted-keys');
  }

  root(): Promise<Uint8Array> {
    return readFile(`${this.repository}/public/metadata/1.root.json`);
  }

  file(path: string): Promise<Uint8Array | null> {
    return readFile(`${this.repository}/public/${path}`).catch(() => null);
  }

  /** Serves the published files, except where `bend` answers. */
  serve(bend: (path: string) => MirrorAnswer | undefined = () => undefined): Promise<Mirror> {
    return startMirror(async path => bend(path) ?? (await this.file(path)));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
