// What must come of an attack, from the specification (1.0.34, sections 1.5.2 and 5), PEP 458 (table 1), and the design of
// crate repositories; not from the client.
//
// Who holds the keys of a role can sign it. Root can give every role other keys; targets can give claims and crates other keys.
// A client takes a role only under all roles above it: a map counts when crates, snapshot and timestamp say so.

export const ROLES = ['root', 'timestamp', 'snapshot', 'targets', 'crates', 'claims'] as const;
export type Role = (typeof ROLES)[number];

export const ATTACKS = [
  'arbitrary entry',
  'rollback of a leaf',
  'freeze',
  'freeze beyond expiry',
  'mix-and-match',
  'fast-forward of timestamp',
  'fast-forward of tree',
] as const;
export type Attack = (typeof ATTACKS)[number];

export const CLIENTS = ['fresh', 'with state', 'with expired state'] as const;
export type ClientState = (typeof CLIENTS)[number];

type Keys = ReadonlySet<Role>;

function canSign(stolen: Keys, role: Role): boolean {
  if (stolen.has(role) || stolen.has('root')) return true;
  return (role === 'crates' || role === 'claims') && stolen.has('targets');
}

const canSignAll = (stolen: Keys, ...roles: readonly Role[]): boolean =>
  roles.every(role => canSign(stolen, role));
const canSignMap = (stolen: Keys): boolean => canSignAll(stolen, 'crates', 'snapshot', 'timestamp');

const ORACLE: Readonly<Record<Attack, (stolen: Keys, client: ClientState) => boolean>> = {
  // K8, K9: a crate stands in the map of crates, which snapshot and timestamp must name.
  'arbitrary entry': canSignMap,
  // The old map has expired, so it must be signed again, on all levels. Floors of leaves survive everything, stolen root keys
  // included: only a client that never saw the leaf can be led below it.
  'rollback of a leaf': (stolen, client) => client === 'fresh' && canSignMap(stolen),
  // What was honest stays good until it expires: nobody can tell a freeze from a quiet day.
  freeze: () => true,
  // K1: bounded by the earliest expiry. Timestamp, snapshot and crates all expire within the day.
  'freeze beyond expiry': canSignMap,
  // An old targets.json, which is good for a year, beside the current map. Snapshot and timestamp must say so. Who has seen a
  // later targets.json has its version in the snapshot that he trusts (5.5.5), until root takes that snapshot's keys (5.3.11).
  'mix-and-match': (stolen, client) =>
    client === 'fresh' ? canSignAll(stolen, 'snapshot', 'timestamp') : stolen.has('root'),
  // K1: bounded by the next rotation.
  'fast-forward of timestamp': stolen => canSign(stolen, 'timestamp'),
  // Bounded by the epoch.
  'fast-forward of tree': canSignMap,
};

export function succeeds(stolen: Keys, attack: Attack, client: ClientState): boolean {
  return ORACLE[attack](stolen, client);
}

/** Whether clients may hold floors of the map that a thief made: then its versions must go above all of that epoch. */
export function needsEpoch(stolen: Keys): boolean {
  return canSignMap(stolen);
}
