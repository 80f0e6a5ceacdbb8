// Trust anchors: which root a user trusts for which registry, and where its files come from. Kept per user, never
// taken from a project. One folder a registry, `$CARGO_HOME/tuf/anchors/<sha256 of the registry id>/`:
//
//   anchor.json   {"fingerprint":"<sha256 of root.json>","format":1,"mirrors":["https://m.example/"],"registry":"registry+https://…"}
//                 "kind":"git" for a signed git index, and how the repository is read, where it needs more than the
//                 default (anchor-rules.ts); "listed":true where trust comes from the signed releases (crates-root.ts)
//   root.json     the exact bytes that were trusted; root.toml for a signed git index

import { readdir, rm } from 'node:fs/promises';
import { isJsonObject, encodeCanonical, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import { CLIENT_LIMITS } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { type AnchorRules, formatRules, parseRules, verifyRules } from './anchor-rules.ts';
import { fail } from './errors.ts';
import { isMissing, readLocalFile, writeLocalFile } from './files.ts';
import type { Home } from './home.ts';
import { type AnchorKind, parseMirrors } from './mirrors.ts';
import { formatRegistryId, parseRegistryId, type RegistryId, RUST_RELEASES } from './registry-id.ts';

export interface TrustAnchor extends AnchorRules {
  readonly registry: RegistryId;
  readonly kind: AnchorKind;
  /** The bytes of the trusted root.json, or root.toml. */
  readonly root: Uint8Array;
  /** SHA-256 of these bytes, 64 hex digits. */
  readonly fingerprint: string;
  /** In order of preference: base URLs of mirrors, each of which ends in a slash, or addresses of git repositories. */
  readonly mirrors: readonly string[];
  /** Its roots count where the signed releases list them (crates-root.ts). */
  readonly listed?: true;
}

const ANCHOR_BYTES = 65_536;

const ROOT_FILES: Readonly<Record<AnchorKind, string>> = { tuf: 'root.json', git: 'root.toml' };

export function fingerprintOf(root: Uint8Array): string {
  return encodeHex(sha256(root));
}

/** The anchor of a registry, or undefined. Throws `LIB_ANCHOR_DAMAGED` when its files do not fit together. */
export async function readAnchor(home: Home, registry: RegistryId): Promise<TrustAnchor | undefined> {
  const folder = anchorFolder(home, registry);
  const text = await readLocalFile(`${folder}/anchor.json`, ANCHOR_BYTES);
  if (text === undefined) return undefined;
  const { fingerprint, rules, ...rest } = parseAnchor(text, registry);
  const { kind } = rest;
  const name = ROOT_FILES[kind];
  const root = await readLocalFile(`${folder}/${name}`, rules.limits?.['root'] ?? CLIENT_LIMITS.root);
  if (root === undefined || fingerprintOf(root) !== fingerprint) {
    throw damaged(registry, `${name} is ${root ? fingerprintOf(root) : 'absent'}, expected ${fingerprint}`);
  }
  return { registry, root, fingerprint, ...rest, ...rules };
}

/** Every anchor of a registry that this user has, crates.io first. That of the releases is none of them. */
export async function listAnchors(home: Home): Promise<readonly TrustAnchor[]> {
  const anchors: TrustAnchor[] = [];
  for (const name of await folderNames(home.anchors)) {
    const text = await readLocalFile(`${home.anchors}/${name}/anchor.json`, ANCHOR_BYTES);
    if (text === undefined) continue;
    const registry = registryOf(text);
    if (anchorFolder(home, registry) !== `${home.anchors}/${name}`) {
      throw damaged(registry, `anchor.json stands in the folder of another registry, ${name}`);
    }
    const anchor = await readAnchor(home, registry);
    if (anchor !== undefined && registry !== RUST_RELEASES) anchors.push(anchor);
  }
  return anchors.sort((a, b) => (formatRegistryId(a.registry) < formatRegistryId(b.registry) ? -1 : 1));
}

/** Of kind "tuf" unless said. */
export type AnchorToAdd = Omit<TrustAnchor, 'fingerprint' | 'kind'> & { readonly kind?: AnchorKind };

/**
 * Trusts a root for a registry. The caller has shown the fingerprint to the user and got a yes. A registry that is trusted
 * by the same root gets these mirrors and rules; by another root it is `LIB_ANCHOR_EXISTS`.
 */
export async function addAnchor(home: Home, anchor: AnchorToAdd): Promise<TrustAnchor> {
  const { kind = 'tuf', listed } = anchor;
  const mirrors = parseMirrors(anchor.mirrors, kind);
  const rules = verifyRules(anchor, kind);
  const fingerprint = fingerprintOf(anchor.root);
  const known = await readAnchor(home, anchor.registry);
  if (known !== undefined && known.fingerprint !== fingerprint) {
    const name = formatRegistryId(anchor.registry);
    throw fail(
      'LIB_ANCHOR_EXISTS',
      `${name}: is trusted by root ${known.fingerprint}, not by ${fingerprint}`,
      {
        details: { registry: name, trusted: known.fingerprint, given: fingerprint },
      },
    );
  }
  return writeAnchor(home, {
    registry: anchor.registry,
    kind,
    root: anchor.root,
    mirrors,
    fingerprint,
    ...(listed && { listed }),
    ...rules,
  });
}

/** Trusts another root for a registry that is trusted: what `reanchorRegistry` does. */
export function replaceAnchorRoot(home: Home, anchor: TrustAnchor, root: Uint8Array): Promise<TrustAnchor> {
  return writeAnchor(home, { ...anchor, root, fingerprint: fingerprintOf(root) });
}

async function writeAnchor(home: Home, anchor: TrustAnchor): Promise<TrustAnchor> {
  const { registry, kind, root, mirrors, fingerprint, listed } = anchor;
  const folder = anchorFolder(home, registry);
  await writeLocalFile(`${folder}/${ROOT_FILES[kind]}`, root);
  await writeLocalFile(
    `${folder}/anchor.json`,
    encodeCanonical(
      new Map<string, JsonValue>([
        ['format', 1],
        ['registry', registry],
        ['fingerprint', fingerprint],
        ['mirrors', mirrors],
        ...(kind === 'git' ? [['kind', kind] as const] : []),
        ...(listed ? [['listed', listed] as const] : []),
        ...formatRules(anchor),
      ]),
    ),
  );
  return anchor;
}

/** Forgets an anchor; the trusted state stays, so that trusting the same repository again keeps its version floors. */
export async function removeAnchor(home: Home, registry: RegistryId): Promise<void> {
  if ((await readLocalFile(`${anchorFolder(home, registry)}/anchor.json`, ANCHOR_BYTES)) === undefined) {
    throw fail('LIB_NO_ANCHOR', `${formatRegistryId(registry)}: is not trusted`);
  }
  await rm(anchorFolder(home, registry), { recursive: true });
}

function anchorFolder(home: Home, registry: RegistryId): string {
  return `${home.anchors}/${encodeHex(sha256(new TextEncoder().encode(registry)))}`;
}

function parseAnchor(
  bytes: Uint8Array,
  registry: RegistryId,
): Pick<TrustAnchor, 'kind' | 'fingerprint' | 'mirrors' | 'listed'> & { readonly rules: AnchorRules } {
  const value = parseLocalJson(bytes, registry);
  const fingerprint = isJsonObject(value) ? value.get('fingerprint') : undefined;
  const mirrors = isJsonObject(value) ? value.get('mirrors') : undefined;
  if (!isJsonObject(value) || value.get('format') !== 1 || value.get('registry') !== registry) {
    throw damaged(registry, 'anchor.json is of another format or registry');
  }
  if (typeof fingerprint !== 'string' || !/^[0-9a-f]{64}$/.test(fingerprint) || !Array.isArray(mirrors)) {
    throw damaged(registry, 'anchor.json has no fingerprint or no mirrors');
  }
  const kind = value.get('kind') ?? 'tuf';
  if (kind !== 'tuf' && kind !== 'git') throw damaged(registry, 'anchor.json is of an unknown kind');
  const listed = value.get('listed') ?? false;
  if (typeof listed !== 'boolean') throw damaged(registry, 'anchor.json: listed is neither true nor false');
  try {
    return {
      kind,
      fingerprint,
      ...(listed && { listed }),
      mirrors: parseMirrors(
        mirrors.map(mirror => (typeof mirror === 'string' ? mirror : '')),
        kind,
      ),
      rules: parseRules(value, kind),
    };
  } catch (error) {
    if (isTufError(error)) throw damaged(registry, `anchor.json: ${error.message}`);
    throw error;
  }
}

function registryOf(bytes: Uint8Array): RegistryId {
  const value = parseLocalJson(bytes, undefined);
  const registry = isJsonObject(value) ? value.get('registry') : undefined;
  if (typeof registry !== 'string') throw damaged(undefined, 'anchor.json names no registry');
  try {
    return parseRegistryId(registry);
  } catch (error) {
    if (isTufError(error)) throw damaged(undefined, `anchor.json: ${error.message}`);
    throw error;
  }
}

function parseLocalJson(bytes: Uint8Array, registry: RegistryId | undefined): JsonValue {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (isTufError(error)) throw damaged(registry, `anchor.json: ${error.message}`);
    throw error;
  }
}

function damaged(registry: RegistryId | undefined, message: string): Error {
  const subject = registry === undefined ? 'anchor' : formatRegistryId(registry);
  return fail('LIB_ANCHOR_DAMAGED', `${subject}: ${message}`, { details: { local: true } });
}

async function folderNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(name => /^[0-9a-f]{64}$/.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
