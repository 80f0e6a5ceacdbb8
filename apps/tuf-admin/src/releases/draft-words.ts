// What a draft would have its signers say, in words: every role with its version, expiry and hash, and what is in it.

import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { formatTime, parseEnvelope, type Role, type RoleKeys, type TargetFile } from '@cargo-tuf/metadata';
import {
  type Draft,
  draftedRole,
  draftHash,
  type DraftRole,
  draftSigners,
  type ReleasesState,
} from '@cargo-tuf/repository';
import { roleIn } from './roles.ts';

/** `published`: the state to compare with; without one all that a role says is shown, since nothing else is known of it. */
export function describeDraft(draft: Draft, published?: ReleasesState): readonly string[] {
  return [
    ...draft.roles.flatMap(role => describeRole(draft, role, published)),
    `hash of all that is signed  ${draftHash(draft)}`,
  ];
}

/** Signatures of each quorum, as "release 2 of 3". */
export function draftProgress(
  draft: Draft,
): readonly { readonly role: string; readonly signed: number; readonly threshold: number }[] {
  return draft.roles.flatMap(role => {
    const signers = draftSigners(draft, role);
    return role.quorums.map(({ keyIds, threshold }) => ({
      role: role.role,
      signed: keyIds.filter(id => signers.includes(id)).length,
      threshold,
    }));
  });
}

function describeRole(
  draft: Draft,
  role: DraftRole,
  published: ReleasesState | undefined,
): readonly string[] {
  const value = draftedRole(role);
  const payload = encodeHex(sha256(parseEnvelope(role.bytes).payload));
  const signers = draftSigners(draft, role);
  const quorums = role.quorums.map(
    ({ keyIds, threshold }) =>
      `  signed by ${keyIds.filter(id => signers.includes(id)).length} of ${keyIds.length} keys, needs ${threshold}`,
  );
  return [
    `${role.role} version ${value.version}, expires ${formatTime(value.expires)}, repository ${value.repository ?? 'none'}`,
    `  sha256 ${payload}`,
    ...wordsOf(value, published && roleIn(published, role.role).value),
    ...quorums,
    '',
  ];
}

function wordsOf(value: Role, before: Role | undefined): readonly string[] {
  if (value.type === 'root') {
    const old = before?.type === 'root' ? before : undefined;
    return [...value.roles].flatMap(([name, keys]) => quorumWords(name, keys, old?.roles.get(name)));
  }
  if (value.type !== 'targets') return [];
  const old = before?.type === 'targets' ? before : undefined;
  const delegations = value.delegations?.roles.flatMap(each => [
    ...quorumWords(
      each.name,
      each,
      old?.delegations?.roles.find(({ name }) => name === each.name),
    ),
    `    for ${(each.paths ?? []).map(path => escapeText(path, 100)).join(', ')}`,
  ]);
  return [...(delegations ?? []), ...targetWords(value.targets, old?.targets)];
}

function quorumWords(name: string, keys: RoleKeys, before: RoleKeys | undefined): readonly string[] {
  const line = `  ${escapeText(name, 60)}: ${keys.threshold} of ${keys.keyIds.length} keys`;
  if (before === undefined) return [line, ...keys.keyIds.map(id => `    key ${escapeText(id, 100)}`)];
  const added = keys.keyIds.filter(id => !before.keyIds.includes(id));
  const removed = before.keyIds.filter(id => !keys.keyIds.includes(id));
  if (added.length + removed.length === 0 && before.threshold === keys.threshold)
    return [`${line}, as before`];
  return [
    before.threshold === keys.threshold ? line : `${line}, before ${before.threshold}`,
    ...removed.map(id => `    without key ${escapeText(id, 100)}`),
    ...added.map(id => `    with key ${escapeText(id, 100)}`),
  ];
}

function targetWords(
  targets: ReadonlyMap<string, TargetFile>,
  before: ReadonlyMap<string, TargetFile> | undefined,
): readonly string[] {
  const line = (word: string, path: string, file: TargetFile): string =>
    `  ${word} ${escapeText(path, 200)}  ${file.length} bytes  sha256 ${escapeText(file.hashes.get('sha256') ?? 'none', 80)}`;
  const lines: string[] = [];
  for (const [path, file] of targets) {
    const old = before?.get(path);
    if (before === undefined) lines.push(line('lists', path, file));
    else if (old === undefined) lines.push(line('adds', path, file));
    else if (old.hashes.get('sha256') !== file.hashes.get('sha256')) lines.push(line('changes', path, file));
  }
  for (const [path, file] of before ?? []) if (!targets.has(path)) lines.push(line('removes', path, file));
  return lines;
}
