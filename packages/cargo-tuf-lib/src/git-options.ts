import { resolve } from 'node:path';
import type { GitLimits, GitOptions } from '@cargo-tuf/git-transport';
import { GIT_PROTOCOLS } from './mirrors.ts';
import type { NetworkOptions } from './registry.ts';

/** How git reaches others: as the rest of this package does. */
export function gitOptions(
  { proxy = 'environment', environment = process.env, caFile }: NetworkOptions,
  limits: Partial<GitLimits>,
): GitOptions {
  const isStated = proxy !== 'environment' && proxy !== false;
  return {
    protocols: GIT_PROTOCOLS,
    environment: isStated
      ? { ...environment, ...Object.fromEntries(PROXIES.map(name => [name, proxy])) }
      : environment,
    proxy: proxy === false ? 'none' : 'environment',
    limits,
    ...(caFile !== undefined && { certificates: resolve(caFile) }),
  };
}

const PROXIES: readonly string[] = ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];
