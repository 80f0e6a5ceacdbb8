// What lacks signatures waits under refs of its own, which clients do not fetch and operators push to one another:
//
//   refs/proposal/tip             a commit for the branch that more timestamp keys have yet to sign
//   refs/proposal/rotation        a commit that changes root.toml
//   refs/proposal/rotation-tag    its tag, once the commit has all its signatures, which are part of its id

import type { ObjectId } from '@cargo-tuf/git-object';
import { fail } from '../errors.ts';
import { readTimestamp } from '../files.ts';
import { readCommit } from '../objects.ts';
import type { Base } from './base.ts';
import type { OperatorContext, RefMove } from './context.ts';

const PROPOSED = {
  tip: 'refs/proposal/tip',
  rotation: 'refs/proposal/rotation',
  rotationTag: 'refs/proposal/rotation-tag',
} as const;

export interface Proposals {
  readonly tip: ObjectId | undefined;
  readonly rotation: ObjectId | undefined;
  readonly rotationTag: ObjectId | undefined;
}

export async function readProposals({ repository }: OperatorContext): Promise<Proposals> {
  return {
    tip: await repository.ref(PROPOSED.tip),
    rotation: await repository.ref(PROPOSED.rotation),
    rotationTag: await repository.ref(PROPOSED.rotationTag),
  };
}

/** Whether the branch has moved past a proposed tip. */
export async function isStale(context: OperatorContext, base: Base, proposal: ObjectId): Promise<boolean> {
  const { tree } = (await readCommit(context.repository, proposal)).commit;
  const { version } = await readTimestamp(context.repository, tree, `commit ${proposal}`);
  return version <= base.timestamp.version;
}

/** From what is there to what shall be; a ref that stays is left alone. */
export function moveProposals(from: Partial<Proposals>, to: Partial<Proposals>): readonly RefMove[] {
  return (Object.keys(from) as (keyof Proposals)[]).flatMap(key => {
    const [before, after] = [from[key] ?? null, to[key] ?? null];
    return before === after ? [] : [{ name: PROPOSED[key], to: after, from: before }];
  });
}

/** Forgets all proposals. Gives what was there. */
export async function discardProposals(context: OperatorContext): Promise<Proposals> {
  const found = await readProposals(context);
  const moves = moveProposals(found, {});
  if (moves.length > 0) await context.repository.updateRefs(moves);
  return found;
}

export function pending(what: string, id: ObjectId): Error {
  return fail('REGISTRY_PROPOSAL', `${what} ${id}: proposed, and lacks signatures`, { details: { id } });
}
