import { readdir, rm, stat } from 'node:fs/promises';
import type { TufError } from '@cargo-tuf/errors';
import { isObjectId, type ObjectFormat } from '@cargo-tuf/git-object';
import type { Command, Commands } from './commands.ts';
import { fail, type GitErrorCode } from './errors.ts';
import type { GitLimits } from './limits.ts';
import { checkRefPattern, parseRefLines, type Ref } from './ref-lines.ts';
import { type GitProtocol, parseGitUrl } from './url.ts';

export interface Refspec {
  /** "HEAD", a full name, a full name with one `*`, or an object id. */
  readonly from: string;
  /** The ref that it becomes here, with a `*` where `from` has one. It moves, whatever it was before. */
  readonly to: string;
}

export interface RemoteOptions {
  readonly url: string;
  readonly signal?: AbortSignal;
  /** The value of an `Authorization` header. */
  readonly authorization?: string;
}

export interface FetchOptions extends RemoteOptions {
  readonly refspecs: readonly Refspec[];
}

/** Throws `GIT_LIMIT` when more comes than `packBytes`, `GIT_TIMEOUT`, `GIT_ABORTED`, `GIT_COLLISION`, or `GIT_FAILED`. */
export async function fetchRefs(commands: Commands, options: FetchOptions): Promise<void> {
  const { href, protocol } = parseGitUrl(options.url, commands.protocols);
  const refspecs = options.refspecs.map(each => formatRefspec(each, commands));
  const packs = `${commands.folder}/objects/pack`;
  const before = await namesOf(packs);
  try {
    await commands.run({
      words: [...FETCH, '--end-of-options', href, ...refspecs],
      protocol,
      authorization: options.authorization,
      signal: options.signal,
      milliseconds: commands.limits.fetchMs,
      watch: () => checkSize(packs, before, commands.limits.packBytes),
    });
  } catch (error) {
    await removeUnfinished(packs, before);
    throw error;
  }
}

const FETCH: readonly string[] = [
  'fetch',
  '--quiet',
  '--no-tags',
  '--no-prune',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
  '--no-write-fetch-head',
  '--no-write-commit-graph',
  '--no-show-forced-updates',
  '--update-head-ok',
  '--atomic',
  '--refmap=',
];

function formatRefspec({ from, to }: Refspec, commands: Commands): string {
  if (!isObjectId(from, commands.format)) checkRefPattern(from);
  checkRefPattern(to);
  if (to === 'HEAD' || from.includes('*') !== to.includes('*'))
    throw fail('GIT_REF_NAME', 'refspec: expected a target under refs/, with a * if the source has one');
  return `+${from}:${to}`;
}

// A server may send for ever; git itself sets no limit.
async function checkSize(
  packs: string,
  before: ReadonlySet<string>,
  limit: number,
): Promise<TufError<GitErrorCode> | undefined> {
  let size = 0;
  for (const name of await namesOf(packs)) {
    if (before.has(name)) continue;
    size += await stat(`${packs}/${name}`).then(
      found => found.size,
      () => 0, // git has moved it since
    );
  }
  if (size <= limit) return undefined;
  return fail('GIT_LIMIT', `git fetch: more than ${limit} bytes`, { details: { limit } });
}

async function removeUnfinished(packs: string, before: ReadonlySet<string>): Promise<void> {
  for (const name of await namesOf(packs)) {
    if (!before.has(name) && name.startsWith('tmp_')) await rm(`${packs}/${name}`, { force: true });
  }
}

async function namesOf(folder: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(folder));
  } catch {
    return new Set(); // git makes it with the first pack
  }
}

export interface ListOptions extends RemoteOptions {
  /** Full names, or names with one `*`; all refs when none is given. */
  readonly patterns?: readonly string[];
}

/** The refs of another repository, HEAD among them. Nothing is fetched. */
export async function listRemoteRefs(commands: Commands, options: ListOptions): Promise<readonly Ref[]> {
  const { format, limits, protocols } = commands;
  const { stdout } = await commands.run(listingRun(options, protocols, limits));
  return readListing(stdout, options.patterns ?? [], format, limits);
}

export function listingRun(
  options: ListOptions,
  protocols: readonly GitProtocol[],
  limits: GitLimits,
): Command {
  const { href, protocol } = parseGitUrl(options.url, protocols);
  const patterns = (options.patterns ?? []).map(checkRefPattern);
  return {
    words: ['ls-remote', '--quiet', '--end-of-options', href, ...patterns],
    protocol,
    authorization: options.authorization,
    signal: options.signal,
    milliseconds: limits.fetchMs,
    outputBytes: limits.refs * BYTES_OF_A_REF,
  };
}

export function readListing(
  stdout: Buffer,
  patterns: readonly string[],
  format: ObjectFormat,
  limits: GitLimits,
): readonly Ref[] {
  const refs = parseRefLines('git ls-remote', withoutPeeled(stdout), '\t', format, limits.refs);
  // Git matches the ends of names: refs/heads/main is also refs/x/refs/heads/main to it.
  return refs.filter(({ name }) => patterns.length === 0 || patterns.some(pattern => matches(pattern, name)));
}

/** Without the lines that say what a tag leads to: "refs/tags/v1^{}". */
function withoutPeeled(output: Buffer): Buffer {
  const lines = output.toString('utf8').split('\n');
  return Buffer.from(lines.filter(line => !line.endsWith('^{}')).join('\n'));
}

function matches(pattern: string, name: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return name === pattern;
  return name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end);
}

const BYTES_OF_A_REF = 400;
