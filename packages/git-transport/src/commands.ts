// What every command on one repository shares.

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { ObjectFormat } from '@cargo-tuf/git-object';
import { type Fence, fencedEnvironment } from './environment.ts';
import type { GitLimits } from './limits.ts';
import { type GitOutput, type GitRun, runGit, spawnGit } from './run-git.ts';
import type { GitProtocol } from './url.ts';

export type Command = Omit<GitRun, 'program' | 'environment' | 'limits'> & {
  readonly protocol?: GitProtocol;
  readonly authorization?: string | undefined;
  readonly workTree?: string;
};

export class Commands {
  readonly format: ObjectFormat;
  readonly folder: string;
  readonly limits: GitLimits;
  readonly protocols: readonly GitProtocol[];
  readonly #program: string;
  readonly #fence: Fence;

  constructor(
    program: string,
    fence: Fence & { readonly folder: string },
    format: ObjectFormat,
    protocols: readonly GitProtocol[],
  ) {
    this.#program = program;
    this.#fence = fence;
    this.format = format;
    this.folder = fence.folder;
    this.limits = fence.limits;
    this.protocols = protocols;
  }

  run(command: Command): Promise<GitOutput> {
    const { protocol, authorization, workTree, ...run } = command;
    const environment = fencedEnvironment({
      ...this.#fence,
      ...(protocol !== undefined && { protocol }),
      ...(authorization !== undefined && { authorization }),
      ...(workTree !== undefined && { workTree }),
    });
    return runGit({ ...run, program: this.#program, environment, limits: this.limits });
  }

  spawn(words: readonly string[]): ChildProcessWithoutNullStreams {
    return spawnGit(this.#program, words, fencedEnvironment(this.#fence));
  }
}
