// What another repository offers, seen without one of our own: its refs, and the format of its objects, which a repository to
// fetch into must have.

import { isObjectId, type ObjectFormat } from '@cargo-tuf/git-object';
import { fail } from './errors.ts';
import { fencedEnvironment } from './environment.ts';
import { type ListOptions, listingRun, readListing } from './fetch.ts';
import type { Ref } from './ref-lines.ts';
import { type GitOptions, prepareGit } from './prepare.ts';
import { runGit } from './run-git.ts';

export interface RemoteListing {
  readonly format: ObjectFormat;
  readonly refs: readonly Ref[];
}

/** The refs of the repository at `options.url`, HEAD among them; undefined when it has none that was asked for. */
export async function listRemote(options: GitOptions & ListOptions): Promise<RemoteListing | undefined> {
  const { program, fence } = await prepareGit(options);
  const { protocol, authorization, ...run } = listingRun(
    options,
    options.protocols ?? ['https'],
    fence.limits,
  );
  const environment = fencedEnvironment({
    ...fence,
    ...(protocol !== undefined && { protocol }),
    ...(authorization !== undefined && { authorization }),
  });
  const { stdout } = await runGit({ ...run, program, environment, limits: fence.limits });
  if (stdout.length === 0) return undefined;
  const format = formatOf(stdout);
  return { format, refs: readListing(stdout, options.patterns ?? [], format, fence.limits) };
}

/** Ids of the two formats have two lengths. */
function formatOf(listing: Buffer): ObjectFormat {
  const id = listing.subarray(0, Math.max(0, listing.indexOf(TAB))).toString('latin1');
  const format = FORMATS.find(each => isObjectId(id, each));
  if (format !== undefined) return format;
  throw fail('GIT_ANSWER', 'git ls-remote: no object id, expected one of sha1 or sha256');
}

const FORMATS: readonly ObjectFormat[] = ['sha1', 'sha256'];
const TAB = 0x09;
