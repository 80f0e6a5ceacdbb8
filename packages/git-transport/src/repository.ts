import { resolve } from 'node:path';
import { type ObjectFormat, type ObjectId, type ObjectType, parseObjectId } from '@cargo-tuf/git-object';
import { Commands } from './commands.ts';
import { collectGarbage } from './collect.ts';
import { fencedEnvironment } from './environment.ts';
import { type FetchOptions, fetchRefs, type ListOptions, listRemoteRefs } from './fetch.ts';
import type { GitLimits } from './limits.ts';
import { type GitObject, ObjectReader } from './object-reader.ts';
import { type GitOptions, prepareGit } from './prepare.ts';
import { type PushOptions, pushRefs } from './push.ts';
import { checkRefName, parseRefLines, type Ref } from './ref-lines.ts';
import { checkEmpty, inspectRepository } from './repository-folder.ts';
import { failure, runGit } from './run-git.ts';
import { streamBlob } from './stream-blob.ts';
import { type RefUpdate, updateRefs } from './update-refs.ts';
import { openWorkTree, type WorkTree } from './work-tree.ts';
import { writeObject, writeObjects } from './write.ts';

export interface GitRepository {
  /** The repository itself: `.git`, where there is a working tree. */
  readonly folder: string;
  readonly format: ObjectFormat;
  readonly limits: GitLimits;
  /** The version of git. */
  readonly version: string;
  /** Undefined when the repository is bare. */
  readonly workTree: WorkTree | undefined;
  /** The object with this id, hashed again. Throws `GIT_MISSING`, `GIT_WRONG_ID`, or `GIT_LIMIT` above `objectBytes`. */
  read(id: ObjectId): Promise<GitObject>;
  /** A blob of at most `maxBytes` in pieces. The last comes when all are known to have the id. */
  stream(id: ObjectId, maxBytes: number): AsyncIterable<Uint8Array>;
  /** Refs whose name is `prefix` or stands below it, such as "refs" or "refs/tags"; by name. */
  refs(prefix: string): Promise<readonly Ref[]>;
  /** The id that a ref, or HEAD, leads to; undefined when it is not there. */
  ref(name: string): Promise<ObjectId | undefined>;
  /** The branch that HEAD stands for, there or not yet: "refs/heads/main". Undefined when HEAD is a commit. */
  head(): Promise<string | undefined>;
  remoteRefs(options: ListOptions): Promise<readonly Ref[]>;
  fetch(options: FetchOptions): Promise<void>;
  /** Throws `GIT_PUSH_REJECTED`. */
  push(options: PushOptions): Promise<void>;
  write(type: ObjectType, bytes: Uint8Array): Promise<ObjectId>;
  /** Many objects at once; in their order. What a tree or commit names must be there, or among them. */
  writeAll(objects: readonly GitObject[]): Promise<readonly ObjectId[]>;
  /** Moves one ref if it is `from`; null: it does not exist, or shall not. Throws `GIT_REF_CONFLICT`. */
  updateRef(name: string, to: ObjectId | null, from: ObjectId | null): Promise<void>;
  /** Moves all or none. */
  updateRefs(updates: readonly RefUpdate[]): Promise<void>;
  /** Puts all in one pack and drops what no ref leads to for a day; others may work in the repository meanwhile. */
  collect(): Promise<void>;
  close(): void;
}

/** Opens what is already there: the folder of a bare repository, or one with a `.git` folder in it. */
export async function openGitRepository(folder: string, options: GitOptions = {}): Promise<GitRepository> {
  const { program, version, fence } = await prepareGit(options);
  const found = await inspectRepository(folder);
  const all = { ...fence, folder: found.folder };
  const commands = new Commands(program, all, found.format, options.protocols ?? ['https']);
  return new Repository(commands, version, found.workTree);
}

/** Makes an empty bare repository in a folder that is empty or not there, and opens it. */
export async function initRepository(
  folder: string,
  options: GitOptions & { readonly format?: ObjectFormat } = {},
): Promise<GitRepository> {
  const { program, fence } = await prepareGit(options);
  const path = resolve(folder);
  await checkEmpty(path);
  const words = [
    'init',
    '--quiet',
    '--bare',
    '--template=',
    '--initial-branch=main',
    `--object-format=${options.format ?? 'sha1'}`,
    '--end-of-options',
    path,
  ];
  await runGit({ program, words, environment: fencedEnvironment(fence), limits: fence.limits });
  return openGitRepository(path, { ...options, git: program });
}

class Repository implements GitRepository {
  readonly folder: string;
  readonly format: ObjectFormat;
  readonly limits: GitLimits;
  readonly version: string;
  readonly workTree: WorkTree | undefined;
  readonly #commands: Commands;
  readonly #reader: ObjectReader;

  constructor(commands: Commands, version: string, workTree: string | undefined) {
    this.folder = commands.folder;
    this.format = commands.format;
    this.limits = commands.limits;
    this.version = version;
    this.workTree = workTree === undefined ? undefined : openWorkTree(commands, workTree);
    this.#commands = commands;
    this.#reader = new ObjectReader({
      format: commands.format,
      spawn: () => commands.spawn(['cat-file', '--batch']),
      milliseconds: commands.limits.commandMs,
    });
  }

  async read(id: ObjectId): Promise<GitObject> {
    return this.#reader.read(parseObjectId(id, this.format), this.limits.objectBytes);
  }

  stream(id: ObjectId, maxBytes: number): AsyncIterable<Uint8Array> {
    return streamBlob(this.#commands, parseObjectId(id, this.format), maxBytes);
  }

  async refs(prefix: string): Promise<readonly Ref[]> {
    const words = ['for-each-ref', `--count=${this.limits.refs + 1}`, '--format=%(objectname) %(refname)'];
    const { stdout } = await this.#commands.run({
      words: [...words, prefix === 'refs' ? prefix : checkRefName(prefix)],
    });
    return parseRefLines('git for-each-ref', stdout, ' ', this.format, this.limits.refs);
  }

  async ref(name: string): Promise<ObjectId | undefined> {
    const words = ['show-ref', '--verify', '--hash', '--', checkRefName(name)];
    const output = await this.#commands.run({ words, codes: [0, 128] });
    if (output.code === 0) return parseObjectId(output.stdout.toString('latin1').trim(), this.format);
    if (output.stderr.endsWith('not a valid ref')) return undefined;
    throw failure('git show-ref', output);
  }

  async head(): Promise<string | undefined> {
    const { code, stdout } = await this.#commands.run({
      words: ['symbolic-ref', '-q', 'HEAD'],
      codes: [0, 1],
    });
    return code === 0 ? checkRefName(stdout.toString('utf8').trim()) : undefined;
  }

  remoteRefs(options: ListOptions): Promise<readonly Ref[]> {
    return listRemoteRefs(this.#commands, options);
  }

  fetch(options: FetchOptions): Promise<void> {
    return fetchRefs(this.#commands, options);
  }

  push(options: PushOptions): Promise<void> {
    return pushRefs(this.#commands, options);
  }

  write(type: ObjectType, bytes: Uint8Array): Promise<ObjectId> {
    return writeObject(this.#commands, type, bytes);
  }

  writeAll(objects: readonly GitObject[]): Promise<readonly ObjectId[]> {
    return writeObjects(this.#commands, objects);
  }

  updateRef(name: string, to: ObjectId | null, from: ObjectId | null): Promise<void> {
    return this.updateRefs([{ name, to, from }]);
  }

  updateRefs(updates: readonly RefUpdate[]): Promise<void> {
    return updateRefs(this.#commands, updates);
  }

  collect(): Promise<void> {
    return collectGarbage(this.#commands);
  }

  close(): void {
    this.#reader.close();
  }
}
