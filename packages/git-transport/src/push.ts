import { escapeText } from '@cargo-tuf/errors';
import type { ObjectId } from '@cargo-tuf/git-object';
import type { Commands } from './commands.ts';
import { fail } from './errors.ts';
import type { RemoteOptions } from './fetch.ts';
import { failure } from './run-git.ts';
import { checkRefName } from './ref-lines.ts';
import { idOrZeros, type RefUpdate } from './update-refs.ts';
import { parseGitUrl } from './url.ts';

export interface PushOptions extends RemoteOptions {
  /** All of them or none. Each moves only if the other side still has `from`. */
  readonly updates: readonly RefUpdate[];
}

/** Throws `GIT_PUSH_REJECTED` when the other side has something else, or wants none of it. */
export async function pushRefs(commands: Commands, options: PushOptions): Promise<void> {
  const { href, protocol } = parseGitUrl(options.url, commands.protocols);
  const leases = options.updates.map(
    ({ name, from }) => `--force-with-lease=${checkRefName(name)}:${idOf(from, commands)}`,
  );
  const refspecs = options.updates.map(({ name, to }) => `${idOf(to, commands)}:${name}`);
  const output = await commands.run({
    words: [...PUSH, ...leases, '--end-of-options', href, ...refspecs],
    protocol,
    authorization: options.authorization,
    signal: options.signal,
    milliseconds: commands.limits.fetchMs,
    codes: [0, 1, 128],
  });
  if (output.code === 0) return;
  const rejected = output.stdout
    .toString('utf8')
    .split('\n')
    .filter(line => line.startsWith('!'))
    .map(line => escapeText(line));
  if (rejected.length === 0) throw failure('git push', output);
  throw fail('GIT_PUSH_REJECTED', `git push: rejected: ${rejected.join('; ')}`, { details: { rejected } });
}

const PUSH: readonly string[] = [
  'push',
  '--quiet',
  '--porcelain',
  '--atomic',
  '--no-verify',
  '--no-signed',
  '--no-follow-tags',
  '--recurse-submodules=no',
];

/** An empty text stands for "no such ref", on both sides. */
function idOf(id: ObjectId | null, commands: Commands): string {
  return id === null ? '' : idOrZeros(id, commands.format);
}
