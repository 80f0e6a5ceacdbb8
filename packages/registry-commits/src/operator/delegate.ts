// targets.toml, with other owners of a crate.

import { indexPath } from '@cargo-tuf/crate-index';
import {
  formatTomlTargets,
  parseTomlTargets,
  TOML_LIMITS,
  type TomlDelegatedRole,
  type TomlTargets,
} from '@cargo-tuf/metadata';
import { type Certificate, formatCertificate } from '@cargo-tuf/openpgp';
import { fail } from '../errors.ts';
import { TARGETS } from '../files.ts';
import { readFile } from '../objects.ts';
import { openBase } from './base.ts';
import type { OperatorContext } from './context.ts';

export interface OwnersInput {
  readonly crate: string;
  /** Nobody: the crate has no owners any more. */
  readonly owners: readonly Certificate[];
  readonly threshold: number;
  /** When targets.toml expires, milliseconds since 1970. */
  readonly expires: number;
}

/** The bytes that the role "targets" must sign, to be committed by `changeIndex`. Throws `REGISTRY_TARGETS_ROLE`. */
export async function ownersFile(context: OperatorContext, input: OwnersInput): Promise<Uint8Array> {
  const base = await openBase(context);
  if (!base.trusted.root.roles.has('targets'))
    throw fail('REGISTRY_TARGETS_ROLE', 'root.toml: no role "targets", expected one that signs targets.toml');
  const bytes = await readFile(context.repository, base.tree, TARGETS, TOML_LIMITS.targetsBytes);
  const before = bytes === undefined ? undefined : parseTomlTargets(bytes);
  const name = input.crate.toLowerCase();
  const path = `/${indexPath(name)}`;
  const kept = (before?.roles ?? [])
    .map(role => ({ ...role, paths: role.paths.filter(each => each !== path) }))
    .filter(({ paths }) => paths.length > 0);
  const keyIds = input.owners.map(({ keyId }) => keyId);
  const owner = { name: freeName(name, kept), keyIds, threshold: input.threshold, paths: [path] };
  const roles = keyIds.length === 0 ? kept : [...kept, owner];
  const keys = new Map<string, { keyId: string; certificate: string | undefined }>(before?.keys ?? []);
  for (const each of input.owners)
    keys.set(each.keyId, { keyId: each.keyId, certificate: formatCertificate(each) });
  const used = new Set(roles.flatMap(role => role.keyIds));
  return formatTomlTargets({
    ...startOf(before, base.trusted.root.repository),
    expires: input.expires,
    keys: new Map([...keys].filter(([keyId]) => used.has(keyId))),
    roles,
  });
}

/** A role that owns other crates too may have the name of this one. */
function freeName(name: string, roles: readonly TomlDelegatedRole[]): string {
  let free = name;
  for (let count = 2; roles.some(role => role.name === free); count += 1) free = `${name}-${count}`;
  return free;
}

function startOf(before: TomlTargets | undefined, repository: string | undefined) {
  if (before === undefined) return { version: 1, repository, targets: new Map() };
  const { version, document, targets } = before;
  return { version: version + 1, repository, document, targets };
}
