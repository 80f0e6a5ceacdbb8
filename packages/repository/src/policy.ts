import { fail } from './errors.ts';

/** The roles of a crate repository (docs/pouf.md section 2.1), offline roles first. */
export const ROLE_NAMES = ['root', 'targets', 'claims', 'crates', 'snapshot', 'timestamp'] as const;
export type RoleName = (typeof ROLE_NAMES)[number];
export const OFFLINE_ROLES: readonly RoleName[] = ['root', 'targets', 'claims'];
export const ONLINE_ROLES: readonly RoleName[] = ['crates', 'snapshot', 'timestamp'];

export interface RolePolicy {
  readonly threshold: number;
  /** Milliseconds from signing to expiry. */
  readonly period: number;
}

export type Policy = Readonly<Record<RoleName, RolePolicy>>;

const DAY = 24 * 60 * 60 * 1000;

/** Online metadata expires within a day, claims within two weeks, the rest within a year. */
export const DEFAULT_POLICY: Policy = {
  root: { threshold: 1, period: 365 * DAY },
  targets: { threshold: 1, period: 365 * DAY },
  claims: { threshold: 1, period: 14 * DAY },
  crates: { threshold: 1, period: DAY },
  snapshot: { threshold: 1, period: DAY },
  timestamp: { threshold: 1, period: DAY },
};

export function assertPolicy(policy: Policy): void {
  for (const role of ROLE_NAMES) {
    const { threshold, period } = policy[role];
    if (!Number.isSafeInteger(threshold) || threshold < 1) {
      throw fail('REPOSITORY_POLICY', `${role}: threshold ${threshold}, expected an integer from 1`);
    }
    if (!Number.isSafeInteger(period) || period < 1000) {
      throw fail('REPOSITORY_POLICY', `${role}: period ${period} ms, expected at least a second`);
    }
  }
}
