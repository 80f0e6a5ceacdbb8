// `cargo tuf monitor --check FILE`: what a file of evidence proves, from a root that is trusted here. Asks nobody.

import { groupDigits, print, printJson } from '@cargo-tuf/command-line';
import { resolve } from 'node:path';
import { checkEvidence, CONTAINER_BYTES, parseEvidenceRoots, type Verdict } from '@cargo-tuf/auditor';
import { fingerprintOf, formatRegistryId, listAnchors, readLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { CLIENT_LIMITS } from '@cargo-tuf/client';
import { escapeText } from '@cargo-tuf/errors';
import type { Context } from './context.ts';
import { fail } from './errors.ts';

export interface CheckOptions {
  readonly anchor?: string;
  readonly json?: boolean;
}

/** Prints the verdict, or throws `AUDIT_EVIDENCE` where the file does not convince. */
export async function checkFile(context: Context, file: string, options: CheckOptions): Promise<void> {
  const bytes = await readExisting(context, file, CONTAINER_BYTES);
  const { verdict, trustedFor } = await verdictOf(context, bytes, options);
  if (options.json) {
    printJson(context, { ...verdict, registry: trustedFor ?? null });
    return;
  }
  print(context, `repository    ${verdict.repository}`);
  print(context, `checked from  ${groupDigits(verdict.fingerprint)}`);
  print(
    context,
    trustedFor === undefined
      ? '              the root that was given: compare this fingerprint with the one that the repository states'
      : `              the root that is trusted here for ${trustedFor}`,
  );
  for (const { timestamp, root, crates } of verdict.states)
    print(context, `signed        timestamp ${timestamp}, tree ${crates}, by the keys of root ${root}`);
  for (const { rule, map, name, message } of verdict.proved) {
    const subject = [map, name].filter(each => each !== undefined).join(': ');
    print(context, `proves        ${rule}: ${subject === '' ? '' : `${escapeText(subject)}: `}${message}`);
  }
}

async function verdictOf(
  context: Context,
  bytes: Uint8Array,
  { anchor }: CheckOptions,
): Promise<{ verdict: Verdict; trustedFor: string | undefined }> {
  if (anchor !== undefined) {
    const root = await readExisting(context, anchor, CLIENT_LIMITS.root);
    return { verdict: await checkEvidence(bytes, root), trustedFor: undefined };
  }
  const fingerprints = (await parseEvidenceRoots(bytes)).map(fingerprintOf);
  const anchors = await listAnchors(context.home);
  const trusted = anchors.find(each => each.kind === 'tuf' && fingerprints.includes(each.fingerprint));
  if (trusted === undefined) {
    throw fail(
      'APP_EVIDENCE_ROOT',
      `evidence: starts from root ${fingerprints[0]}, which is trusted here for no registry`,
    );
  }
  const { format = 'json', allow = [] } = trusted;
  const verdict = await checkEvidence(bytes, trusted.root, { format, allow });
  return { verdict, trustedFor: formatRegistryId(trusted.registry) };
}

async function readExisting(context: Context, file: string, limit: number): Promise<Uint8Array> {
  const path = resolve(context.workingFolder, file);
  const bytes = await readLocalFile(path, limit);
  if (bytes === undefined) throw fail('APP_USAGE', `${path}: no such file`);
  return bytes;
}
