import { mkdtemp, readdir, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { encodeCrate } from '@cargo-tuf/crate-archive';
import { afterAll } from 'vitest';
import { runAdmin } from '../src/run.ts';

const START = Date.UTC(2026, 10, 18, 12);
export const HOUR = 3_600_000;
export const DL = 'https://crates.example.org/{crate}/{crate}-{version}.crate';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output, read as JSON. */
  readonly json: Record<string, unknown>;
}

/** A folder of its own, a clock, and the program in this process. */
export class Trial {
  readonly folder: string;
  env: Record<string, string> = {};
  now = START;

  constructor(folder: string) {
    this.folder = folder;
  }

  async run(...argv: readonly string[]): Promise<Outcome> {
    let stdout = '';
    let stderr = '';
    const code = await runAdmin(argv, {
      stdout: { write: text => (stdout += text) },
      stderr: { write: text => (stderr += text) },
      env: this.env,
      cwd: this.folder,
      clock: () => this.now,
    });
    return {
      code,
      stdout,
      stderr,
      get json() {
        return JSON.parse(stdout) as Record<string, unknown>;
      },
    };
  }

  /** Runs a command that must succeed. */
  async done(...argv: readonly string[]): Promise<Outcome> {
    const outcome = await this.run(...argv);
    if (outcome.code !== 0) throw new Error(`${argv.join(' ')}: exit ${outcome.code}\n${outcome.stderr}`);
    return outcome;
  }

  path(path: string): string {
    return `${this.folder}/${path}`;
  }

  /** Writes a .crate into a folder of archives. */
  async crate(
    folder: string,
    name: string,
    version: string,
    extra = '',
    file = `${name}-${version}.crate`,
  ): Promise<Uint8Array> {
    const bytes = crateBytes(name, version, extra);
    await mkdir(this.path(folder), { recursive: true });
    await writeFile(this.path(`${folder}/${file}`), bytes);
    return bytes;
  }

  async files(folder: string): Promise<readonly string[]> {
    const items = await readdir(this.path(folder), { recursive: true, withFileTypes: true });
    return items
      .filter(item => !item.isDirectory())
      .map(item => `${item.parentPath}/${item.name}`.slice(this.path(folder).length + 1))
      .sort();
  }
}

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

export async function openTrial(): Promise<Trial> {
  const folder = await mkdtemp(`${tmpdir()}/tuf-admin-`);
  folders.push(folder);
  return new Trial(folder);
}

/** A trial with a repository in `registry`, whose keys are not encrypted. */
export async function openRegistry(...options: readonly string[]): Promise<Trial> {
  const trial = await openTrial();
  await trial.done('init', 'registry', '--dl', DL, '--unencrypted-keys', ...options);
  return trial;
}

function crateBytes(name: string, version: string, extra = ''): Uint8Array {
  const text = (value: string) => new TextEncoder().encode(value);
  const manifest = `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2021"\n${extra}`;
  return encodeCrate(
    name,
    version,
    new Map([
      ['Cargo.toml', text(manifest)],
      ['src/lib.rs', text('')],
    ]),
  );
}
