// Signs what was built with the keys at hand. With enough of them it is published, else proposed.

import type { ObjectId } from '@cargo-tuf/git-object';
import type { RoleKeys } from '@cargo-tuf/metadata';
import { fail } from '../errors.ts';
import { REGISTRY_LIMITS } from '../limits.ts';
import { keysOf } from '../signatures.ts';
import { parseState, STATE_DOCUMENT } from '../state.ts';
import { verifyTip } from '../tip.ts';
import { roleOf, type TrustedRoot } from '../trusted-root.ts';
import type { VerifiedRegistry } from '../verified-registry.ts';
import { type Base, restoreBranch } from './base.ts';
import type { OperatorContext, RefMove } from './context.ts';
import type { Draft } from './draft.ts';
import { isStale, moveProposals, pending, type Proposals, readProposals } from './proposals.ts';
import { publishDraft } from './publish.ts';
import { signersOf, signObject } from './sign-object.ts';
import { chooseKeys, matchSigners, type Missing, missingOf } from './signing-keys.ts';

export type Outcome =
  | {
      readonly kind: 'published';
      readonly registry: VerifiedRegistry;
      /** The rotation tag that was published with it. */
      readonly tag: string | undefined;
    }
  | {
      readonly kind: 'proposed';
      readonly commit: ObjectId;
      readonly tag: ObjectId | undefined;
      readonly missing: readonly Missing[];
    };

export interface TipDraft {
  readonly draft: Draft;
  readonly bytes: Uint8Array;
  /** The root.toml in it. Default: that of the base. */
  readonly trusted?: TrustedRoot;
  readonly tag?: { readonly name: string; readonly id: ObjectId };
  /** A proposal that these are the bytes of. */
  readonly proposal?: ObjectId | undefined;
  /** Proposals of a rotation that are done when this is published. */
  readonly done?: Partial<Proposals>;
  /** Other refs that move when this is published. */
  readonly moves?: readonly RefMove[];
  /** Other refs that move when this is proposed. */
  readonly waiting?: readonly RefMove[];
}

/** A commit for the branch. Throws `REGISTRY_NO_KEY` when no key at hand can sign it. */
export async function settleTip(context: OperatorContext, base: Base, input: TipDraft): Promise<Outcome> {
  const { draft, trusted = base.trusted, tag } = input;
  const role = roleOf(trusted, 'timestamp');
  const needs = [{ name: 'timestamp', role }];
  const keyring = keyringOf(trusted, role);
  const certificates = [...keyring.values()];
  const before = signersOf(context, 'commit', input.bytes, certificates);
  const keys = chooseKeys(needs, matchSigners(context.signers, keyring), before);
  const signed = [...before, ...keys.map(({ certificate }) => certificate.keyId)];
  if (signed.length === 0 || (keys.length === 0 && missingOf('commit', needs, signed).length > 0))
    throw noKey('timestamp', role.keyIds);
  const tip = draft.put('commit', await signObject(context, 'commit', input.bytes, keys));
  const missing = missingOf('commit', needs, signed);
  const proposals = await readProposals(context);
  if (missing.length > 0) {
    await assertFree(context, base, proposals.tip, input.proposal);
    if (tag !== undefined) draft.setRef(`refs/tags/${tag.name}`, tag.id);
    await rehearseFew(context, draft, trusted, tip, signed.length);
    await context.repository.writeAll(draft.objects);
    const moves = [...moveProposals({ tip: proposals.tip }, { tip }), ...restoreBranch(context, base)];
    await context.repository.updateRefs([...moves, ...(input.waiting ?? [])]);
    return { kind: 'proposed', commit: tip, tag: tag?.id, missing };
  }
  const isOver = proposals.tip !== undefined && proposals.tip === input.proposal;
  const moves = [
    ...(isOver ? moveProposals({ tip: proposals.tip }, {}) : []),
    ...moveProposals(input.done ?? {}, {}),
    ...(input.moves ?? []),
  ];
  const registry = await publishDraft(context, draft, { tip, from: base.head, tag, moves });
  return { kind: 'published', registry, tag: tag?.name };
}

function keyringOf({ keyring }: TrustedRoot, role: RoleKeys): TrustedRoot['keyring'] {
  return new Map(keysOf(keyring, role).map(certificate => [certificate.keyId, certificate]));
}

export function noKey(role: string, keyIds: readonly string[]): Error {
  return fail('REGISTRY_NO_KEY', `keys: none at hand that can sign for the role "${role}"`, {
    details: { role, keyIds },
  });
}

/** One proposal at a time, unless the one that is there can no longer be published. */
async function assertFree(
  context: OperatorContext,
  base: Base,
  found: ObjectId | undefined,
  own: ObjectId | undefined,
): Promise<void> {
  if (found === undefined || found === own || (await isStale(context, base, found))) return;
  throw pending('commit', found);
}

/** All that a client checks, but for the number of signatures: nobody signs what could not be published. */
async function rehearseFew(
  context: OperatorContext,
  draft: Draft,
  trusted: TrustedRoot,
  tip: ObjectId,
  signatures: number,
): Promise<void> {
  const { root } = trusted;
  const timestamp = { ...roleOf(trusted, 'timestamp'), threshold: signatures };
  const roles = new Map(root.roles).set('timestamp', timestamp);
  const state = (await context.store.read()).documents.get(STATE_DOCUMENT);
  await verifyTip(
    {
      ...context,
      source: draft,
      trusted: { ...trusted, root: { ...root, roles } },
      before: state === undefined ? undefined : parseState(state),
      limits: { ...REGISTRY_LIMITS, ...context.limits },
    },
    tip,
  );
}
