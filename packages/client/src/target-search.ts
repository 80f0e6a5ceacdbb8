// Which targets role speaks for a path (TUF specification 1.0.34, section 5.6.7): a pre-order walk through the delegations.
//
//  1. A role that lists the path ends the walk.
//  2. Otherwise its delegations that match the path are visited in order, each with all that is below it.
//  3. A terminating delegation that matches ends the walk after what is below it.
//  4. Authority is (delegator, role): a role that two delegators name is verified for each by that one's keys, and visited
//     once for each, so that a cycle ends.

import {
  type Delegations,
  isDelegatedPath,
  type RoleKeys,
  succinctRoleName,
  type TargetFile,
  type Targets,
} from '@cargo-tuf/metadata';
import { fail } from './errors.ts';

/** A delegation that matches a path. */
export interface DelegationStep {
  /** Name of the delegating role. */
  readonly delegator: string;
  readonly delegations: Delegations;
  readonly name: string;
  readonly role: RoleKeys;
  /** One of the many bins of TAP 15. */
  readonly isBin: boolean;
}

/** What the role that speaks for a path says of it. */
export interface FoundTarget {
  readonly file: TargetFile;
  /** Name of that role. */
  readonly role: string;
}

/** The target at `path`, or undefined where no role lists it. Throws `CLIENT_DELEGATIONS` after `limit` visits. */
export async function findTarget(
  path: string,
  targets: Targets,
  limit: number,
  open: (step: DelegationStep) => Promise<Targets>,
): Promise<FoundTarget | undefined> {
  const visited = new Set<string>();
  let pending: { name: string; open: () => Promise<Targets> }[] = [
    { name: 'targets', open: () => Promise.resolve(targets) },
  ];
  for (let visits = 0; ; visits++) {
    const next = pending.pop();
    if (next === undefined) return undefined;
    if (visits > limit) {
      throw fail('CLIENT_DELEGATIONS', `${path}: more than ${limit} delegations to look through`, {
        details: { path, limit },
      });
    }
    const role = await next.open();
    const file = role.targets.get(path);
    if (file !== undefined) return { file, role: next.name };
    const { steps, terminating } = matchingSteps(next.name, role, path);
    if (terminating) pending = [];
    for (const step of steps.toReversed()) {
      const id = `${step.delegator}\0${step.name}`;
      if (visited.has(id)) continue;
      visited.add(id);
      pending.push({ name: step.name, open: () => open(step) });
    }
  }
}

/**
 * Every path that a role lists and speaks for, as `findTarget` finds it, with the role. Hash bins are not opened: there may be millions.
 * Throws `CLIENT_DELEGATIONS` after `limit` roles.
 */
export async function listTargets(
  targets: Targets,
  limit: number,
  open: (step: DelegationStep) => Promise<Targets>,
): Promise<ReadonlyMap<string, FoundTarget>> {
  const paths = new Set<string>();
  const visited = new Set<string>();
  const pending: { readonly name: string; readonly role: Targets }[] = [{ name: 'targets', role: targets }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name: delegator, role } = next;
    for (const path of role.targets.keys()) paths.add(path);
    const { delegations } = role;
    if (delegations === undefined || delegations.succinctRoles !== undefined) continue;
    for (const each of delegations.roles) {
      const id = `${delegator}\0${each.name}`;
      if (visited.has(id)) continue;
      visited.add(id);
      if (visited.size > limit) {
        throw fail('CLIENT_DELEGATIONS', `targets: more than ${limit} delegations to look through`, {
          details: { limit },
        });
      }
      const step = { delegator, delegations, name: each.name, role: each, isBin: false };
      pending.push({ name: each.name, role: await open(step) });
    }
  }
  const found = new Map<string, FoundTarget>();
  for (const path of [...paths].sort()) {
    const target = await findTarget(path, targets, limit, open);
    if (target !== undefined) found.set(path, target);
  }
  return found;
}

/** The delegations of a role that match a path, up to the first terminating one. */
function matchingSteps(
  delegator: string,
  { delegations }: Targets,
  path: string,
): { readonly steps: readonly DelegationStep[]; readonly terminating: boolean } {
  const steps: DelegationStep[] = [];
  if (delegations === undefined) return { steps, terminating: false };
  if (delegations.succinctRoles !== undefined) {
    const role = delegations.succinctRoles;
    // TAP 15: one bin for each path, and nothing after it.
    return {
      steps: [{ delegator, delegations, name: succinctRoleName(role, path), role, isBin: true }],
      terminating: true,
    };
  }
  for (const role of delegations.roles) {
    if (!isDelegatedPath(role, path)) continue;
    steps.push({ delegator, delegations, name: role.name, role, isBin: false });
    if (role.terminating) return { steps, terminating: true };
  }
  return { steps, terminating: false };
}
