// Owners of crates: `targets.toml` says whose keys an index entry needs, and the signatures stand beside it in the tree.
//
//   targets.toml         se/rd/serde
//   targets.toml.asc     se/rd/serde.asc     (gpg --armor --detach-sign se/rd/serde)
//
// The rules:
//
//   1. targets.toml counts when the role "targets" of root.toml signed it. Without that role there must be none: crates would
//      look owned that are not.
//   2. Its version does not fall, and one version has one content. Once seen it stays, as long as the role does.
//   3. Every entry that has an owner carries signatures of its owner's threshold over its very bytes.
//   4. An entry that was seen does not vanish, and what takes its place is not signed earlier: the holder of the timestamp key
//      cannot go back to what the owner signed once.
//   5. A file that `targets` names has the length and hashes there.

import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import type { ObjectId } from '@cargo-tuf/git-object';
import {
  parseTomlTargets,
  TOML_LIMITS,
  type TomlDelegatedRole,
  type TomlTargets,
  verifyContent,
} from '@cargo-tuf/metadata';
import { OPENPGP_LIMITS, type VerifiedSignature } from '@cargo-tuf/openpgp';
import { isIndexPath } from './checksums.ts';
import { fail } from './errors.ts';
import { TARGETS } from './files.ts';
import type { RegistryLimits } from './limits.ts';
import { readFile } from './objects.ts';
import { assertRepository } from './rotations.ts';
import {
  assertThreshold,
  type Keyring,
  keysOf,
  mostSignatures,
  openKeyring,
  type SignatureOptions,
  type SignedBytes,
  verifyLastingSigners,
} from './signatures.ts';
import type { RegistrySource } from './source.ts';
import type { OwnedEntry, RegistryState, TargetsFloor } from './state.ts';
import { assertFresh, type Freshness } from './fresh.ts';
import type { TrustedRoot } from './trusted-root.ts';

export interface Owned {
  readonly targets: TomlTargets | undefined;
  readonly floor: TargetsFloor | undefined;
  readonly entries: ReadonlyMap<string, OwnedEntry>;
}

export interface OwnedContext extends SignatureOptions, Freshness {
  readonly source: RegistrySource;
  readonly tree: ObjectId;
  readonly trusted: TrustedRoot;
  readonly before: RegistryState | undefined;
  readonly limits: RegistryLimits;
}

export async function verifyOwned(context: OwnedContext): Promise<Owned> {
  const { source, tree, trusted, before } = context;
  const role = trusted.root.roles.get('targets');
  const bytes = await readFile(source, tree, TARGETS, TOML_LIMITS.targetsBytes);
  if (role === undefined) {
    if (bytes === undefined) return { targets: undefined, floor: undefined, entries: new Map() };
    throw fail(
      'REGISTRY_TARGETS_UNTRUSTED',
      `${TARGETS}: there, and root.toml has no role "targets" that signs it`,
    );
  }
  if (bytes === undefined) {
    if (before?.targets === undefined) return { targets: undefined, floor: undefined, entries: new Map() };
    throw fail(
      'REGISTRY_FILE_MISSING',
      `${TARGETS}: not there, expected version ${before.targets.version} or later`,
      {
        details: { path: TARGETS, version: before.targets.version },
      },
    );
  }
  const signed = { payload: bytes, armor: await readSignature(context, TARGETS) };
  const signers = verifyLastingSigners(signed, keysOf(trusted.keyring, role), mostSignatures(role), context);
  assertThreshold(TARGETS, role, signers);
  const targets = parseTomlTargets(bytes);
  assertRepository(TARGETS, targets.repository, trusted.root.repository);
  const floor = { version: targets.version, sha256: encodeHex(sha256(bytes)) };
  assertTargetsFloor(floor, before?.targets);
  assertFresh(TARGETS, targets.expires, context);
  await verifyTargets(context, targets);
  return { targets, floor, entries: await verifyEntries(context, targets) };
}

/** Rule 2. */
function assertTargetsFloor(found: TargetsFloor, floor: TargetsFloor | undefined): void {
  if (floor === undefined || found.version > floor.version || found.sha256 === floor.sha256) return;
  const details = {
    found: found.version,
    trusted: floor.version,
    sha256: found.sha256,
    before: floor.sha256,
  };
  if (found.version === floor.version)
    throw fail('REGISTRY_EQUIVOCATION', `${TARGETS}: two contents of version ${found.version}`, { details });
  throw fail('REGISTRY_ROLLBACK', `${TARGETS}: version ${found.version}, trusted ${floor.version}`, {
    details,
  });
}

/** Rule 5. */
async function verifyTargets({ source, tree, limits }: OwnedContext, targets: TomlTargets): Promise<void> {
  for (const [path, file] of targets.targets) {
    const bytes = await readFile(source, tree, path, limits.entryBytes);
    if (bytes === undefined)
      throw fail('REGISTRY_FILE_MISSING', `${path}: not there, but ${TARGETS} names it`);
    verifyContent(bytes, file, path);
  }
}

async function verifyEntries(
  context: OwnedContext,
  targets: TomlTargets,
): Promise<ReadonlyMap<string, OwnedEntry>> {
  const keyring = openKeyring(targets.keys, context);
  const entries = new Map<string, OwnedEntry>();
  for (const role of targets.roles) {
    for (const path of role.paths.map(indexPathOf)) {
      const entry = await verifyEntry(context, path, role, keyring);
      if (entry !== undefined) entries.set(path, entry);
    }
  }
  return entries;
}

function indexPathOf(path: string): string {
  if (isIndexPath(path.slice(1))) return path.slice(1);
  throw fail('REGISTRY_TARGETS_PATH', `${TARGETS}: path ${path}, expected one of an index entry`, {
    details: { path },
  });
}

/** Rules 3 and 4. Undefined while the crate was never published. */
async function verifyEntry(
  context: OwnedContext,
  path: string,
  role: TomlDelegatedRole,
  keyring: Keyring,
): Promise<OwnedEntry | undefined> {
  const { source, tree, limits, before } = context;
  const floor = before?.owned.get(path);
  const bytes = await readFile(source, tree, path, limits.entryBytes);
  if (bytes === undefined) {
    if (floor === undefined) return undefined;
    throw fail('REGISTRY_FILE_MISSING', `${path}: gone, and its owners have not agreed`, {
      details: { path },
    });
  }
  const signed = { payload: bytes, armor: await readSignature(context, path) };
  const signers = verifyOwners(path, signed, role, keyring, context);
  const entry = {
    sha256: encodeHex(sha256(bytes)),
    signed: Math.floor(Math.min(...signers.map(({ created }) => created)) / 1000),
  };
  if (floor === undefined || floor.sha256 === entry.sha256 || entry.signed >= floor.signed) return entry;
  throw fail('REGISTRY_ROLLBACK', `${path}: other bytes than trusted, signed earlier by its owners`, {
    details: { path, found: entry.signed, trusted: floor.signed, sha256: entry.sha256, before: floor.sha256 },
  });
}

function verifyOwners(
  path: string,
  signed: SignedBytes,
  role: TomlDelegatedRole,
  keyring: Keyring,
  options: SignatureOptions,
): readonly VerifiedSignature[] {
  try {
    const signers = verifyLastingSigners(signed, keysOf(keyring, role), mostSignatures(role), options);
    assertThreshold(path, role, signers, 'REGISTRY_OWNER');
    return signers;
  } catch (cause) {
    if (!isTufError(cause) || cause.code === 'REGISTRY_OWNER') throw cause;
    throw fail('REGISTRY_OWNER', `${path}: not signed by its owners: ${cause.message}`, {
      cause,
      details: { ...cause.details, path, role: role.name, reason: cause.code },
    });
  }
}

/** Armor, from the file beside. */
async function readSignature({ source, tree }: OwnedContext, path: string): Promise<string> {
  const bytes = await readFile(source, tree, `${path}.asc`, OPENPGP_LIMITS.signatureArmor);
  if (bytes !== undefined) return String.fromCharCode(...bytes);
  throw fail(
    'REGISTRY_OWNER_SIGNATURE_MISSING',
    `${path}: no ${path}.asc, expected signatures of its owners`,
    {
      details: { path },
    },
  );
}
