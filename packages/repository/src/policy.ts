import type { TopLevelRole } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';

/** What `targets` of a crate repository delegates to. */
export type CrateDelegate = 'claims' | 'crates';

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

/** What each role needs: of a crate repository unless another set of delegated roles is named. */
export type Policy<Delegate extends string = CrateDelegate> = Readonly<
  Record<TopLevelRole | Delegate, RolePolicy>
>;

export const DAY: number = 24 * 60 * 60 * 1000;

/** Online metadata expires within a day, claims within two weeks, the rest within a year. */
export const DEFAULT_POLICY: Policy = {
  root: { threshold: 1, period: 365 * DAY },
  targets: { threshold: 1, period: 365 * DAY },
  claims: { threshold: 1, period: 14 * DAY },
  crates: { threshold: 1, period: DAY },
  snapshot: { threshold: 1, period: DAY },
  timestamp: { threshold: 1, period: DAY },
};

export function assertPolicy(policy: Readonly<Record<string, RolePolicy>>): void {
  for (const [role, { threshold, period }] of Object.entries(policy)) {
    if (!Number.isSafeInteger(threshold) || threshold < 1) {
      throw fail('REPOSITORY_POLICY', `${role}: threshold ${threshold}, expected an integer from 1`);
    }
    if (!Number.isSafeInteger(period) || period < 1000) {
      throw fail('REPOSITORY_POLICY', `${role}: period ${period} ms, expected at least a second`);
    }
  }
}
