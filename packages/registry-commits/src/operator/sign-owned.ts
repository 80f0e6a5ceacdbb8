// Detached signatures in the tree: of `targets.toml` by the role "targets", of an owned entry by its owners. Given ones are
// taken as they are; keys at hand add theirs; the signature of bytes that changed goes, since it covers others.

import { equalBytes } from '@cargo-tuf/keys';
import { parseTomlTargets, type RoleKeys, TOML_LIMITS } from '@cargo-tuf/metadata';
import { OPENPGP_LIMITS } from '@cargo-tuf/openpgp';
import { TARGETS } from '../files.ts';
import { REGISTRY_LIMITS } from '../limits.ts';
import { readFile } from '../objects.ts';
import { type Keyring, keysOf, openKeyring, verifyLastingSigners } from '../signatures.ts';
import type { Base } from './base.ts';
import type { FileChanges } from './build-commit.ts';
import type { OperatorContext } from './context.ts';
import { chooseKeys, matchSigners } from './signing-keys.ts';
import { signBytes } from './sign-object.ts';
import { decodeText, encodeText } from './text.ts';

export async function signOwned(
  context: OperatorContext,
  base: Base,
  files: FileChanges,
): Promise<FileChanges> {
  const { trusted } = base;
  const all = new Map(files);
  const role = trusted.root.roles.get('targets');
  // Without the role nothing signs targets.toml, and it must not be there.
  if (role === undefined) return all;
  await signFile(context, base, all, TARGETS, role, trusted.keyring, TOML_LIMITS.targetsBytes);
  const bytes = await fileOf(context, base, files, TARGETS, TOML_LIMITS.targetsBytes);
  if (bytes === undefined) return all;
  const targets = parseTomlTargets(bytes);
  const keyring = openKeyring(targets.keys, context);
  for (const owner of targets.roles) {
    for (const path of owner.paths)
      await signFile(context, base, all, path.slice(1), owner, keyring, REGISTRY_LIMITS.entryBytes);
  }
  return all;
}

async function signFile(
  context: OperatorContext,
  base: Base,
  files: Map<string, Uint8Array | null>,
  path: string,
  role: RoleKeys,
  keyring: Keyring,
  limit: number,
): Promise<void> {
  const signaturePath = `${path}.asc`;
  const before = await readFile(context.repository, base.tree, path, limit);
  const bytes = await fileOf(context, base, files, path, limit);
  const given = files.get(signaturePath);
  if (bytes === undefined) {
    if (before !== undefined) files.set(signaturePath, null);
    return;
  }
  const isSame = before !== undefined && equalBytes(before, bytes);
  const kept =
    given ?? (isSame ? await readFile(context.repository, base.tree, signaturePath, LIMIT) : undefined);
  const certificates = keysOf(keyring, role);
  const armor = kept === undefined ? undefined : decodeText(kept);
  const signed = armor === undefined ? [] : signersOf(context, bytes, armor, certificates);
  const available = matchSigners(context.signers, new Map(certificates.map(each => [each.keyId, each])));
  const keys = chooseKeys([{ name: path, role }], available, signed);
  if (keys.length > 0)
    files.set(
      signaturePath,
      encodeText(await signBytes(bytes, signed.length === 0 ? undefined : armor, keys, context)),
    );
  else if (kept === undefined && !isSame) files.set(signaturePath, null);
}

/** Key ids of those whose signatures verify; none when one of them does not, since all of them must. */
function signersOf(
  context: OperatorContext,
  payload: Uint8Array,
  armor: string,
  certificates: ReturnType<typeof keysOf>,
): readonly string[] {
  const signed = verifyLastingSigners({ payload, armor }, certificates, certificates.length, context);
  return signed.map(({ certificate }) => certificate.keyId);
}

const LIMIT = OPENPGP_LIMITS.signatureArmor;

async function fileOf(
  { repository }: OperatorContext,
  base: Base,
  files: FileChanges,
  path: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  const changed = files.get(path);
  if (changed !== undefined) return changed ?? undefined;
  return readFile(repository, base.tree, path, limit);
}
