// `cargo tuf monitor`: looks at a registry once, or again and again, with a memory of its own: `$CARGO_HOME/tuf/monitor`.

import { print } from '@cargo-tuf/command-line';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolve } from 'node:path';
import { countersign, type Finding, type Look, lookAt, type Records } from '@cargo-tuf/auditor';
import {
  createLocalFile,
  formatRegistryId,
  listAnchors,
  openMirrors,
  parseMirror,
  readLocalFile,
  registrySlug,
  type TrustAnchor,
  writeLocalFile,
} from '@cargo-tuf/cargo-tuf-lib';
import { CLIENT_LIMITS } from '@cargo-tuf/client';
import { escapeText, formatError, isTufError } from '@cargo-tuf/errors';
import { openFolderStore } from '@cargo-tuf/folder-store';
import { encodeHex, sha256, type Signer } from '@cargo-tuf/keys';
import { type Context, say } from './context.ts';
import { chooseAnchor } from './crate-argument.ts';
import { fail } from './errors.ts';
import { type KeyOptions, openAuditorKey } from './monitor-key.ts';
import { openRecords } from './monitor-records.ts';
import { networkOptions } from './registries.ts';

export interface FollowOptions extends KeyOptions {
  readonly registry?: string;
  /** Seconds between two looks; absent: one look. */
  readonly interval?: number;
  readonly also: readonly string[];
  readonly compare: readonly string[];
  readonly evidence: string;
  readonly sign?: string;
  readonly out: string;
  readonly hours: number;
}

const HOUR = 3_600_000;

/** The exit code: 4 when anything contradicted. */
export async function followRegistry(context: Context, options: FollowOptions): Promise<number> {
  const anchor = chooseAnchor(await listAnchors(context.home), options.registry);
  if (anchor.kind !== 'tuf')
    throw fail(
      'APP_USAGE',
      `${formatRegistryId(anchor.registry)}: a signed git index; its commits are its history`,
    );
  const signer =
    options.sign === undefined ? undefined : await openAuditorKey(context, options.sign, options);
  const network = await networkOptions(context);
  const mirrors = [anchor.mirrors, ...options.also.map(url => [parseMirror(url)])].map(each =>
    openMirrors(each, network),
  );
  const folder = `${context.home.tuf}/monitor/${registrySlug(anchor.registry)}/${anchor.fingerprint}`;
  const store = await openFolderStore(`${folder}/tiles`);
  const records = openRecords(folder);
  const [first, ...others] = mirrors.map(({ source }) => source);
  const look = async (): Promise<boolean> => {
    const seen = await lookAt({
      root: anchor.root,
      reading: { format: anchor.format ?? 'json', allow: anchor.allow ?? [] },
      source: first as NonNullable<typeof first>,
      others,
      timestamps: await readTimestamps(context, options.compare),
      store,
      records,
      clock: context.clock,
    });
    return report(context, anchor, seen, records, { ...options, signer });
  };
  try {
    return await repeat(context, options.interval, look);
  } finally {
    await Promise.all([store.settled(), ...mirrors.map(({ http }) => http?.close())]);
  }
}

/** A look that fails is told, and the next one tries again; a single look throws. */
async function repeat(
  context: Context,
  interval: number | undefined,
  look: () => Promise<boolean>,
): Promise<number> {
  if (interval === undefined) return (await look()) ? 0 : 4;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let holds = true;
  while (!stop.signal.aborted) {
    try {
      holds = (await look()) && holds;
    } catch (error) {
      if (!isTufError(error)) throw error;
      context.stderr.write(formatError('cargo-tuf', error));
    }
    await sleep(interval * 1000, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  return holds ? 0 : 4;
}

async function report(
  context: Context,
  anchor: TrustAnchor,
  look: Look,
  records: Records,
  options: FollowOptions & { readonly signer: Signer | undefined },
): Promise<boolean> {
  const { state, known, changes, findings } = look;
  const evidence = new Map<Finding, string>();
  for (const finding of findings) {
    const file = await keepEvidence(context, finding, options.evidence);
    if (file !== undefined) evidence.set(finding, file);
  }
  const audit = findings.length === 0 ? await keepAudit(context, look, records, options) : undefined;
  const name = formatRegistryId(anchor.registry);
  if (options.json) {
    const found = findings.map(finding => {
      const { rule, map, name: crate, message } = finding;
      return { rule, map, name: crate, message, evidence: evidence.get(finding) ?? null };
    });
    const { version, crates, claims } = state;
    const line = { registry: name, timestamp: version, tree: crates.version, claims: claims.version };
    context.stdout.write(
      `${JSON.stringify({ ...line, known, changes, findings: found, audit: audit ?? null })}\n`,
    );
  } else {
    const seen = known ? 'seen before' : `${changes} changes`;
    const verdict = findings.length === 0 ? 'nothing was taken back' : `${findings.length} contradictions`;
    print(context, `${name}: timestamp ${state.version}, tree ${state.crates.version}: ${seen}, ${verdict}`);
    for (const finding of findings) {
      const subject = [finding.map, finding.name].filter(each => each !== undefined).join(': ');
      const where = evidence.get(finding);
      print(
        context,
        `  ${finding.rule}: ${subject === '' ? '' : `${escapeText(subject)}: `}${finding.message}`,
      );
      if (where !== undefined) print(context, `  evidence: ${where}`);
    }
    if (audit !== undefined) print(context, `  countersigned: ${audit}`);
  }
  return findings.length === 0;
}

/** Evidence is named by its content: the same again is the same file. */
async function keepEvidence(
  context: Context,
  { evidence }: Finding,
  folder: string,
): Promise<string | undefined> {
  if (evidence === undefined) return undefined;
  const name = `evidence-${encodeHex(sha256(evidence)).slice(0, 16)}.json`;
  const path = `${resolve(context.workingFolder, folder)}/${name}`;
  await createLocalFile(path, evidence, 0o644);
  return path;
}

/** Nothing is signed of a state that is not the newest one on record. */
async function keepAudit(
  context: Context,
  { state }: Look,
  records: Records,
  { signer, hours, out }: FollowOptions & { readonly signer: Signer | undefined },
): Promise<string | undefined> {
  if (signer === undefined) return undefined;
  if ((await records.versions()).at(-1) !== state.version) {
    say(context, `not countersigned: timestamp ${state.version} is older than what was seen before`);
    return undefined;
  }
  const now = context.clock();
  const { keyId, listed, bytes } = await countersign(state, signer, now - (now % 1000) + hours * HOUR);
  if (!listed)
    say(context, `root ${state.files.root} does not list the key ${keyId}: no client looks at it yet`);
  const path = `${resolve(context.workingFolder, out)}/${keyId}.json`;
  await writeLocalFile(path, bytes, 0o644);
  return path;
}

async function readTimestamps(context: Context, files: readonly string[]): Promise<readonly Uint8Array[]> {
  const timestamps: Uint8Array[] = [];
  for (const file of files) {
    const path = resolve(context.workingFolder, file);
    const bytes = await readLocalFile(path, CLIENT_LIMITS.timestamp);
    if (bytes === undefined) throw fail('APP_USAGE', `${path}: no such file`);
    timestamps.push(bytes);
  }
  return timestamps;
}
