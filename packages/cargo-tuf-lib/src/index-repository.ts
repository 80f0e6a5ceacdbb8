// The bare repository that holds what was fetched of a signed git index. It comes into being whole, and is kept small.

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ObjectFormat } from '@cargo-tuf/git-object';
import {
  type GitOptions,
  type GitRepository,
  initRepository,
  openGitRepository,
} from '@cargo-tuf/git-transport';
import { isMissing } from './files.ts';

export class IndexRepository {
  readonly folder: string;
  readonly #options: GitOptions;
  #opened: GitRepository | undefined;
  #tidying: Promise<void> = Promise.resolve();

  constructor(folder: string, options: GitOptions) {
    this.folder = folder;
    this.#options = options;
  }

  /** What is there; undefined when nothing is. */
  async open(): Promise<GitRepository | undefined> {
    if (this.#opened === undefined && (await isThere(this.folder)))
      this.#opened = await openGitRepository(this.folder, this.#options);
    return this.#opened;
  }

  /** What is there, or a new one. `isEmpty`: nothing in it is trusted, so that one of another format can go. */
  async openFor(format: ObjectFormat, { isEmpty }: { readonly isEmpty: boolean }): Promise<GitRepository> {
    const found = await this.open();
    if (found !== undefined && (found.format === format || !isEmpty)) return found;
    if (found !== undefined) {
      this.close();
      await rm(this.folder, { recursive: true });
    }
    await createRepository(this.folder, { ...this.#options, format });
    this.#opened = await openGitRepository(this.folder, this.#options);
    return this.#opened;
  }

  /** Keeps it small, behind the caller: `settled` waits for it. */
  tidy(): void {
    // Nothing is lost when this fails; the next update tries again.
    if (this.#opened !== undefined) this.#tidying = tidyRepository(this.#opened).catch(() => undefined);
  }

  settled(): Promise<void> {
    return this.#tidying;
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }
}

const MOST_PACKS = 50;

/** Each fetch leaves a pack: many are put into one. */
export async function tidyRepository(repository: GitRepository): Promise<void> {
  const names = await readdir(`${repository.folder}/objects/pack`);
  if (names.filter(name => name.endsWith('.pack')).length > MOST_PACKS) await repository.collect();
}

/** Makes it elsewhere and moves it into place, so that nobody sees half of one. Another process may be first. */
export async function createRepository(
  folder: string,
  options: GitOptions & { readonly format: ObjectFormat },
  fill: (repository: GitRepository) => Promise<void> = async () => undefined,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  await removeLeftovers(folder);
  const temporary = `${folder}.${randomBytes(8).toString('hex')}.new`;
  try {
    const repository = await initRepository(temporary, options);
    try {
      await fill(repository);
    } finally {
      repository.close();
    }
    await moveFolder(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What a crash left half made a day ago. */
async function removeLeftovers(folder: string): Promise<void> {
  const [parent, name] = [dirname(folder), basename(folder)];
  for (const each of await readdir(parent)) {
    if (!each.startsWith(`${name}.`) || !/^\.[0-9a-f]{16}\.new$/.test(each.slice(name.length))) continue;
    const { mtimeMs } = await stat(`${parent}/${each}`);
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(`${parent}/${each}`, { recursive: true, force: true });
  }
}

const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** False when there is one already. */
export async function moveFolder(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (await isThere(to)) return false;
    throw error;
  }
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
