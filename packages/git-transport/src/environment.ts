// The fence: all that git hears from outside of its command line. Nothing of the caller's environment goes through
// but PATH, and the proxy variables if asked for.

import { devNull } from 'node:os';
import type { GitLimits } from './limits.ts';

export interface Fence {
  /** The folders of PATH. */
  readonly path: readonly string[];
  readonly limits: GitLimits;
  /** The repository; none for `git version` and `git init`. */
  readonly folder?: string;
  /** The folder of its files, for the commands that touch them. */
  readonly workTree?: string;
  /** The one protocol that this command may speak; none by default. */
  readonly protocol?: string;
  /** Proxy variables, by name. */
  readonly proxies?: Readonly<Record<string, string>>;
  /** A file of certificates, PEM. */
  readonly certificates?: string;
  /** The value of an `Authorization` header. It is not on the command line, where others could read it. */
  readonly authorization?: string;
}

export function fencedEnvironment(fence: Fence): Record<string, string> {
  const config = Object.entries(configuration(fence));
  return {
    ...fence.proxies,
    PATH: fence.path.join(process.platform === 'win32' ? ';' : ':'),
    LC_ALL: 'C',
    TZ: 'UTC',
    HOME: NOWHERE,
    XDG_CONFIG_HOME: NOWHERE,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: devNull,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_SSH_COMMAND: 'false',
    GIT_ALLOW_PROTOCOL: fence.protocol ?? '',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_GRAFT_FILE: NOWHERE,
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOC_LIMIT: String(fence.limits.allocationBytes),
    ...(fence.folder !== undefined && { GIT_DIR: fence.folder }),
    ...(fence.workTree !== undefined && { GIT_WORK_TREE: fence.workTree }),
    ...(fence.certificates !== undefined && { GIT_SSL_CAINFO: fence.certificates }),
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

/** Below the null device there is nothing, and nobody can put anything there. */
const NOWHERE = `${devNull}/none`;

function configuration(fence: Fence): Readonly<Record<string, string>> {
  return {
    'core.hooksPath': NOWHERE,
    'core.fsmonitor': 'false',
    'core.sshCommand': 'false',
    'core.askPass': '',
    'core.pager': 'cat',
    'core.commitGraph': 'false',
    'core.useReplaceRefs': 'false',
    'core.protectHFS': 'true',
    'core.protectNTFS': 'true',
    'core.bigFileThreshold': '16m',
    'credential.helper': '',
    'transfer.fsckObjects': 'true',
    'fetch.fsckObjects': 'true',
    'receive.fsckObjects': 'true',
    'transfer.bundleURI': 'false',
    // Always a pack: its file is watched while it grows.
    'fetch.unpackLimit': '1',
    'transfer.unpackLimit': '1',
    'fetch.recurseSubmodules': 'false',
    'submodule.recurse': 'false',
    'fetch.writeCommitGraph': 'false',
    'gc.auto': '0',
    'maintenance.auto': 'false',
    'protocol.allow': 'never',
    ...(fence.protocol !== undefined && { [`protocol.${fence.protocol}.allow`]: 'always' }),
    'http.followRedirects': 'false',
    'http.sslVerify': 'true',
    'http.lowSpeedLimit': String(fence.limits.bytesPerSecond),
    'http.lowSpeedTime': String(Math.ceil(fence.limits.slowMs / 1000)),
    ...(fence.authorization !== undefined && { 'http.extraHeader': `Authorization: ${fence.authorization}` }),
  };
}

const PROXIES: readonly string[] = [
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
];

/** The proxy variables that curl reads. It leaves HTTP_PROXY alone, which a request to a web server can set. */
export function proxiesOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    PROXIES.flatMap(name => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
