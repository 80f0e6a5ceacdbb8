// What an operator asks every day: what expires when, who may sign what, and what waits for whose signature.

import { isTufError } from '@cargo-tuf/errors';
import type { ObjectId } from '@cargo-tuf/git-object';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import {
  parseTomlTargets,
  TOML_LIMITS,
  type TomlDelegatedRole,
  type TomlRoleName,
} from '@cargo-tuf/metadata';
import { type Certificate, keyExpiry } from '@cargo-tuf/openpgp';
import { TARGETS } from '../files.ts';
import { readFile } from '../objects.ts';
import { keysOf } from '../signatures.ts';
import { syncRegistry } from '../sync.ts';
import { type Base, keptRoot, openBase } from './base.ts';
import type { OperatorContext } from './context.ts';
import { proposalsOf, type ProposalStatus } from './proposal-status.ts';

export interface KeyStatus {
  readonly keyId: string;
  /** Not escaped. */
  readonly userIds: readonly string[];
  /** Milliseconds since 1970; undefined: never, or it may not sign (`problem`). */
  readonly expires: number | undefined;
  /** Why it may not sign: the code of an error. */
  readonly problem: string | undefined;
}

export interface RoleStatus {
  readonly name: TomlRoleName;
  readonly threshold: number;
  readonly keys: readonly KeyStatus[];
}

export interface RegistryStatus {
  readonly tip: ObjectId;
  /** SHA-256 of root.toml. */
  readonly fingerprint: string;
  readonly root: { readonly version: number; readonly expires: number };
  readonly timestamp: { readonly version: number; readonly expires: number };
  readonly targets:
    | { readonly version: number; readonly expires: number; readonly owners: readonly TomlDelegatedRole[] }
    | undefined;
  readonly roles: readonly RoleStatus[];
  readonly proposals: readonly ProposalStatus[];
  /** Why a client would refuse the tip at this time; undefined when it would not. */
  readonly problem: { readonly code: string; readonly message: string } | undefined;
}

/** The tip must be good, but for its age. */
export async function registryStatus(context: OperatorContext): Promise<RegistryStatus> {
  const base = await openBase(context);
  const { root } = base.trusted;
  return {
    tip: base.head,
    fingerprint: encodeHex(sha256(base.trusted.bytes)),
    root: { version: root.version, expires: root.expires },
    timestamp: { version: base.timestamp.version, expires: base.timestamp.expires },
    targets: await targetsOf(context, base),
    roles: Array.from(root.roles, ([name, role]) => ({
      name,
      threshold: role.threshold,
      keys: keysOf(base.trusted.keyring, role).map(each => keyStatus(each, context.now)),
    })),
    proposals: await proposalsOf(context, base),
    problem: await problemOf(context, base),
  };
}

function keyStatus(certificate: Certificate, now: number): KeyStatus {
  const { keyId, userIds, fingerprint } = certificate;
  try {
    const expires = keyExpiry(certificate, fingerprint, now);
    return { keyId, userIds, expires: Number.isFinite(expires) ? expires : undefined, problem: undefined };
  } catch (error) {
    if (!isTufError(error)) throw error;
    return { keyId, userIds, expires: undefined, problem: error.code };
  }
}

async function targetsOf({ repository }: OperatorContext, base: Base): Promise<RegistryStatus['targets']> {
  const bytes = await readFile(repository, base.tree, TARGETS, TOML_LIMITS.targetsBytes);
  if (bytes === undefined) return undefined;
  const { version, expires, roles } = parseTomlTargets(bytes);
  return { version, expires, owners: roles };
}

async function problemOf(context: OperatorContext, base: Base): Promise<RegistryStatus['problem']> {
  const { repository: source, store, now, hashes } = context;
  try {
    await syncRegistry(base.head, { source, store, anchor: await keptRoot(context), now, hashes });
    return undefined;
  } catch (error) {
    if (!isTufError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}
