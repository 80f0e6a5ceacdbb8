// What the commands on an index say of what they did.

import { escapeText } from '@cargo-tuf/errors';
import { formatTime } from '@cargo-tuf/metadata';
import type { Missing, Outcome, VerifiedRegistry } from '@cargo-tuf/registry-commits';
import type { Report } from '../context.ts';

export function outcomeReport(what: string, outcome: Outcome): Report {
  if (outcome.kind === 'published') {
    const { registry, tag } = outcome;
    return {
      text: [what, ...registryLines(registry), ...(tag === undefined ? [] : [`tag        ${tag}`])],
      json: { published: true, ...registryJson(registry), tag: tag ?? null },
    };
  }
  const { commit, missing } = outcome;
  return {
    text: [
      `${what}: proposed, not published yet`,
      `commit     ${commit}`,
      ...missing.map(missingLine),
      `next       tuf-admin git countersign DIR ${commit}`,
    ],
    json: { published: false, commit, missing: missing.map(each => ({ ...each })) },
  };
}

export function registryLines(registry: VerifiedRegistry): readonly string[] {
  return [
    `commit     ${registry.commit}`,
    `signed by  ${registry.signers.join(', ')}`,
    `root       version ${registry.root.version}, expires ${formatTime(registry.root.expires)}`,
    `timestamp  version ${registry.timestamp.version}, expires ${formatTime(registry.timestamp.expires)}`,
  ];
}

export function registryJson(registry: VerifiedRegistry): Readonly<Record<string, unknown>> {
  const { commit, signers, root, timestamp } = registry;
  return {
    commit,
    signers,
    root: { version: root.version, expires: formatTime(root.expires) },
    timestamp: { version: timestamp.version, expires: formatTime(timestamp.expires) },
  };
}

export function missingLine({ subject, role, have, need, keyIds }: Missing): string {
  return `missing    ${subject}: ${have} of ${need} for ${escapeText(role)}, from ${keyIds.join(', ')}`;
}
