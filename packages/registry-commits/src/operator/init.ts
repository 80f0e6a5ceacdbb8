// A signed registry begins: root.toml and timestamp.toml in a first commit, or on top of an index that was not signed.

import type { ObjectId } from '@cargo-tuf/git-object';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { formatTomlRoot, formatTomlTimestamp, type TomlRoleName } from '@cargo-tuf/metadata';
import { type Certificate, formatCertificate } from '@cargo-tuf/openpgp';
import { fail } from '../errors.ts';
import { ROOT, TIMESTAMP } from '../files.ts';
import { findEntry, readCommit } from '../objects.ts';
import { keysOf } from '../signatures.ts';
import { ROOT_DOCUMENT } from '../state.ts';
import { openRoot, roleOf } from '../trusted-root.ts';
import type { VerifiedRegistry } from '../verified-registry.ts';
import { buildCommit, changeTree } from './build-commit.ts';
import type { OperatorContext } from './context.ts';
import { Draft } from './draft.ts';
import { publishDraft } from './publish.ts';
import { noKey } from './settle.ts';
import { signObject } from './sign-object.ts';
import { chooseKeys, matchSigners, missingOf } from './signing-keys.ts';

export interface RoleInput {
  readonly certificates: readonly Certificate[];
  readonly threshold: number;
}

export interface RegistryInput {
  /** `root` and `timestamp`; `targets` where crates have owners. */
  readonly roles: ReadonlyMap<TomlRoleName, RoleInput>;
  readonly rootExpires: number;
  /** Binds the files to this registry: 64 hex digits from random bytes. */
  readonly repository: string | undefined;
  /** Further files of the first commit, such as `config.json`. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
}

export interface NewRegistry {
  readonly registry: VerifiedRegistry;
  /** SHA-256 of root.toml: what users compare. */
  readonly fingerprint: string;
}

/** Throws `REGISTRY_EXISTS` when the index is signed already. The timestamp keys must be at hand. */
export async function initRegistry(context: OperatorContext, input: RegistryInput): Promise<NewRegistry> {
  const { repository, branch, expires } = context;
  const head = (await repository.ref(branch)) ?? null;
  const base = head === null ? undefined : await unsignedTree(context, head);
  await assertNoTrust(context);
  const rootBytes = formatRoot(input);
  const trusted = openRoot(rootBytes, context);
  const draft = new Draft(repository);
  const timestamp = formatTomlTimestamp({ version: 1, expires, repository: input.repository });
  const files = new Map([...(input.files ?? []), [ROOT, rootBytes], [TIMESTAMP, timestamp]]);
  const tree = await changeTree(draft, base, files);
  const parents = head === null ? [] : [head];
  const bytes = buildCommit(context, { tree, parents, message: 'Sign the index\n' });
  const role = roleOf(trusted, 'timestamp');
  const needs = [{ name: 'timestamp', role }];
  const keyring = new Map(keysOf(trusted.keyring, role).map(each => [each.keyId, each]));
  const keys = chooseKeys(needs, matchSigners(context.signers, keyring), []);
  if (
    missingOf(
      'commit',
      needs,
      keys.map(({ certificate }) => certificate.keyId),
    ).length > 0
  )
    throw noKey('timestamp', role.keyIds);
  const tip = draft.put('commit', await signObject(context, 'commit', bytes, keys));
  const registry = await publishDraft(context, draft, { tip, from: head }, rootBytes);
  return { registry, fingerprint: encodeHex(sha256(rootBytes)) };
}

async function unsignedTree({ repository }: OperatorContext, head: ObjectId): Promise<ObjectId> {
  const { commit } = await readCommit(repository, head);
  if (commit.signature === undefined && (await findEntry(repository, commit.tree, ROOT)) === undefined)
    return commit.tree;
  throw fail('REGISTRY_EXISTS', `commit ${head}: signed, or has a ${ROOT}; expected an index that is not`, {
    details: { id: head },
  });
}

async function assertNoTrust({ store }: OperatorContext): Promise<void> {
  if ((await store.read()).documents.get(ROOT_DOCUMENT) === undefined) return;
  throw fail('REGISTRY_EXISTS', `index: a ${ROOT} is trusted here already, expected none`);
}

function formatRoot({ roles, rootExpires, repository }: RegistryInput): Uint8Array {
  const certificates = [...roles.values()].flatMap(role => role.certificates);
  return formatTomlRoot({
    version: 1,
    expires: rootExpires,
    repository,
    consistentSnapshot: true,
    keys: new Map(
      certificates.map(each => [each.keyId, { keyId: each.keyId, certificate: formatCertificate(each) }]),
    ),
    roles: new Map(
      Array.from(roles, ([name, { certificates: of, threshold }]) => [
        name,
        { keyIds: [...new Set(of.map(({ keyId }) => keyId))], threshold },
      ]),
    ),
  });
}
