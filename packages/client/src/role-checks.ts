// What must hold between a role and what is trusted already; each throws with both values.

import { formatTime, type MetaFile, type Role, type Root } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';

export function assertNotExpired(role: Role, time: number, subject: string): void {
  if (role.expires > time) return;
  const expires = formatTime(role.expires);
  throw fail(
    'CLIENT_EXPIRED',
    `${subject}: version ${role.version} expired ${age(time - role.expires)} ago (${expires})`,
    {
      details: { role: subject, version: role.version, expires, time: formatTime(time) },
    },
  );
}

export function assertRepository(root: Root, role: Role, subject: string): void {
  if (root.repository === undefined || role.repository === root.repository) return;
  throw fail(
    'CLIENT_REPOSITORY',
    `${subject}: repository ${role.repository ?? 'none'}, expected ${root.repository}`,
    {
      details: { repository: role.repository ?? null, expected: root.repository },
    },
  );
}

export function assertSameIndex(old: Root, root: Root, subject: string): void {
  if (old.index === undefined) return;
  if (root.index?.kind === old.index.kind) {
    if (old.index.kind === 'bins' || root.index.kind === 'bins' || root.index.epoch >= old.index.epoch)
      return;
    throw fail(
      'CLIENT_ROLLBACK',
      `${subject}: epoch ${root.index.epoch}, expected ${old.index.epoch} or higher`,
      {
        details: { epoch: root.index.epoch, expected: old.index.epoch },
      },
    );
  }
  throw fail(
    'CLIENT_MIX',
    `${subject}: index kind ${root.index?.kind ?? 'none'}, expected ${old.index.kind}`,
    {
      details: { kind: root.index?.kind ?? null, expected: old.index.kind },
    },
  );
}

export function assertNotLower(subject: string, version: number, trusted: number): void {
  if (version >= trusted) return;
  throw fail('CLIENT_ROLLBACK', `${subject}: version ${version}, expected ${trusted} or higher`, {
    details: { version, expected: trusted },
  });
}

export function assertNamedVersion(subject: string, version: number, named: MetaFile, by: string): void {
  if (version === named.version) return;
  throw fail('CLIENT_MIX', `${subject}: version ${version}, expected ${named.version} as ${by} says`, {
    details: { version, expected: named.version },
  });
}

function age(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}
