// What must hold between the roles of a repository with a map (docs/pouf.md sections 2.1 and 3).
//
//  1. `claims` and `crates` state a map; their absence is an error, never an empty map.
//  2. The root in crates.json is the merkle_root of the timestamp.
//  3. Tree and claims versions are at or above every floor: the store's, the floor file's, root.json's.
//  4. The epoch of both maps is at most the root's: who steals their keys can run a version up only to the epoch's end.
//  5. One version never stands for two roots.

import type { MapRoot } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import type { Floors, RequiredVersions } from './floors.ts';
import type { TrustedMetadata } from './trusted.ts';

/** Versions of one epoch (docs/pouf.md, section 2.1). */
export const EPOCH: number = 2 ** 40;

export function assertMaps(
  trusted: TrustedMetadata,
  floors: Floors,
  required: RequiredVersions,
  stored: TrustedMetadata | undefined,
): void {
  const root = trusted.root.value;
  if (root.index?.kind !== 'map') return;
  const tree = mapOf(trusted, 'crates');
  const claims = mapOf(trusted, 'claims');
  const stated = trusted.timestamp?.value.merkleRoot;
  if (stated !== tree.root) {
    throw fail(
      'CLIENT_MIX',
      `timestamp: merkle_root ${stated ?? 'none'}, expected ${tree.root} as crates.json says`,
      {
        details: { merkleRoot: stated ?? null, expected: tree.root },
      },
    );
  }
  assertFloor('crates: tree', tree.version, Math.max(floors.tree, required.tree ?? 0));
  assertFloor('claims: map', claims.version, Math.max(floors.claims, required.claims ?? 0, root.claimsFloor));
  assertEpoch('crates: tree', tree.version, root.index.epoch);
  assertEpoch('claims: map', claims.version, root.index.epoch);
  if (stored === undefined) return;
  assertOneContent('crates', tree, stored.delegated.get('crates')?.value.map);
  assertOneContent('claims', claims, stored.delegated.get('claims')?.value.map);
}

export function mapOf(trusted: TrustedMetadata, role: 'crates' | 'claims'): MapRoot {
  const map = trusted.delegated.get(role)?.value.map;
  if (map === undefined)
    throw fail('CLIENT_MIX', `${role}: states no map, expected one`, { details: { role } });
  return map;
}

function assertFloor(subject: string, version: number, floor: number): void {
  if (version >= floor) return;
  throw fail('CLIENT_ROLLBACK', `${subject} version ${version}, expected ${floor} or higher`, {
    details: { version, expected: floor },
  });
}

function assertEpoch(subject: string, version: number, epoch: number): void {
  if (Math.floor(version / EPOCH) <= epoch) return;
  throw fail('CLIENT_MIX', `${subject} version ${version} is of a later epoch than root's ${epoch}`, {
    details: { version, epoch },
  });
}

function assertOneContent(role: string, map: MapRoot, known: MapRoot | undefined): void {
  if (known === undefined || map.version !== known.version || map.root === known.root) return;
  throw fail(
    'CLIENT_EQUIVOCATION',
    `${role}: map version ${map.version} has root ${map.root}, expected ${known.root}`,
    {
      details: { version: map.version, root: map.root, expected: known.root },
    },
  );
}
