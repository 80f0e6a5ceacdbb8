import type { Fence } from './environment.ts';
import { proxiesOf } from './environment.ts';
import { checkVersion, type Environment, findGit, searchPath } from './find-git.ts';
import { GIT_LIMITS, type GitLimits } from './limits.ts';
import type { GitProtocol } from './url.ts';

export interface GitOptions {
  /** The absolute path of git; the first in PATH by default. */
  readonly git?: string;
  /** Where PATH and proxies are read; the process's own by default. */
  readonly environment?: Environment;
  /** `['https']` by default. `http` reaches this machine alone; `file` runs git on a folder that others may have written. */
  readonly protocols?: readonly GitProtocol[];
  /** "environment": the proxies that the environment names. None by default. */
  readonly proxy?: 'environment' | 'none';
  /** The absolute path of a PEM file, instead of the system's certificates. */
  readonly certificates?: string;
  readonly limits?: Partial<GitLimits>;
}

export interface PreparedGit {
  readonly program: string;
  readonly version: string;
  readonly fence: Fence;
}

/** Finds git and checks its version; the fence is that of commands which reach others. */
export async function prepareGit(options: GitOptions): Promise<PreparedGit> {
  const environment = options.environment ?? process.env;
  const limits = { ...GIT_LIMITS, ...options.limits };
  const program = await findGit(options.git, environment);
  const path = searchPath(environment);
  const { certificates } = options;
  const proxies = options.proxy === 'environment' ? proxiesOf(environment) : {};
  return {
    program,
    version: await checkVersion(program, path, limits),
    fence: { path, limits, proxies, ...(certificates !== undefined && { certificates }) },
  };
}
