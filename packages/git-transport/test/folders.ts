import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import {
  type Commit,
  formatCommit,
  type ObjectFormat,
  type ObjectId,
  type TreeEntry,
} from '@cargo-tuf/git-object';
import { editTree, type GitRepository } from '@cargo-tuf/git-transport';
import { onTestFinished } from 'vitest';

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const code = (expected: string) => ({ code: expected });

/** A folder that goes when the test has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(resolve(tmpdir(), 'git-transport-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The real git on a bare repository, without the configuration of this machine. */
export function git(folder: string, words: readonly string[], input?: string | Uint8Array): string {
  return execFileSync('git', words, {
    env: {
      PATH: process.env['PATH'],
      GIT_DIR: folder,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_NO_REPLACE_OBJECTS: '1',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  }).trim();
}

/** Writes a commit with these files, "path: content", on top of `parents`. */
export async function commitFiles(
  repository: GitRepository,
  base: ObjectId | undefined,
  files: Readonly<Record<string, string | null>>,
  parents: readonly ObjectId[] = [],
): Promise<{ readonly id: ObjectId; readonly tree: ObjectId }> {
  const changes = new Map<string, TreeEntry | null>();
  for (const [path, content] of Object.entries(files)) {
    const entry =
      content === null ? null : { kind: 'file' as const, id: await repository.write('blob', text(content)) };
    changes.set(path, entry);
  }
  const edited = await editTree(repository, base, changes);
  await repository.writeAll(edited.objects);
  const id = await repository.write('commit', commitOf(edited.id, parents, repository.format));
  return { id, tree: edited.id };
}

function commitOf(tree: ObjectId, parents: readonly ObjectId[], format: ObjectFormat): Uint8Array {
  const who = { name: 'Ferris', email: 'ferris@example.org', time: 1_763_712_000, zone: '+0000' };
  const commit: Commit = { tree, parents, author: who, committer: who, mergeTags: [], message: text('x\n') };
  return formatCommit(commit, format);
}
