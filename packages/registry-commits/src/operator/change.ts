// Changes of the index that the timestamp keys sign: other entries, none at all (a renewal), and a squash.

import type { ObjectId } from '@cargo-tuf/git-object';
import { formatTime } from '@cargo-tuf/metadata';
import { fail } from '../errors.ts';
import { ROOT, TIMESTAMP } from '../files.ts';
import { type Base, openBase } from './base.ts';
import { buildCommit, changeTree, type FileChanges } from './build-commit.ts';
import type { OperatorContext } from './context.ts';
import { Draft } from './draft.ts';
import { signOwned } from './sign-owned.ts';
import { type Outcome, settleTip } from './settle.ts';
import { raiseTimestamp } from './timestamp.ts';

export interface IndexChange {
  /** Entries, `config.json`, `targets.toml`, and detached signatures beside what they cover. */
  readonly files: FileChanges;
  /** The message of the commit. */
  readonly message: string;
  /** The tip that the files were made from. Throws `REGISTRY_MOVED` when it is another one: an entry is replaced as a whole. */
  readonly from?: ObjectId;
}

/** Commits a change on top of the verified tip. Files that owners must sign are signed with those of their keys at hand. */
export async function changeIndex(context: OperatorContext, change: IndexChange): Promise<Outcome> {
  for (const path of [ROOT, TIMESTAMP]) {
    if (change.files.has(path))
      throw fail('REGISTRY_RESERVED', `${path}: not to be changed by hand here`, { details: { path } });
  }
  const base = await openBase(context);
  if (change.from !== undefined && change.from !== base.commit) {
    throw fail('REGISTRY_MOVED', `index: at ${base.commit}, and the change was made from ${change.from}`, {
      details: { tip: base.commit, from: change.from },
    });
  }
  const draft = new Draft(context.repository);
  const files = await signOwned(context, base, change.files);
  const tree = await changeTree(draft, base.tree, withTimestamp(context, base, files));
  const bytes = buildCommit(context, { tree, parents: [base.commit], message: `${change.message}\n` });
  return settleTip(context, base, { draft, bytes });
}

/** A commit that changes nothing but `timestamp.toml`. */
export async function renewTimestamp(context: OperatorContext): Promise<Outcome> {
  const message = `Renew until ${formatTime(context.expires)}`;
  return changeIndex(context, { files: new Map(), message });
}

export interface SquashOptions {
  /** A ref that keeps the history: "refs/heads/snapshot-2026-11-28". */
  readonly keep?: string;
}

/** One commit without parents, of the same files. Its message names the tip that it takes the place of. */
export async function squashHistory(
  context: OperatorContext,
  { keep }: SquashOptions = {},
): Promise<Outcome> {
  const base = await openBase(context);
  const draft = new Draft(context.repository);
  const tree = await changeTree(draft, base.tree, withTimestamp(context, base, new Map()));
  const message = `Collapse the index into one commit\n\n${PREVIOUS_TIP}${base.commit}\n`;
  const bytes = buildCommit(context, { tree, parents: [], message });
  const moves = keep === undefined ? [] : [{ name: keep, to: base.commit, from: null }];
  return settleTip(context, base, { draft, bytes, moves });
}

/** A line of the message of a squash, before an id. */
export const PREVIOUS_TIP = 'Previous-tip: ';

function withTimestamp({ expires }: OperatorContext, base: Base, files: FileChanges): FileChanges {
  return new Map([...files, [TIMESTAMP, raiseTimestamp(base.timestamp, expires)]]);
}
