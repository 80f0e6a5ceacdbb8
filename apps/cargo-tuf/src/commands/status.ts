import { type Outcome, print, printJson } from '@cargo-tuf/command-line';
import {
  type AnchorKind,
  formatRegistryId,
  listAnchors,
  openRegistry,
  parseRegistryId,
  type TrustAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import { isTufError } from '@cargo-tuf/errors';
import { formatTime } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { readCargoConfig } from '../cargo-config.ts';
import { configFile } from '../config-file.ts';
import type { Context } from '../context.ts';
import { ensureDaemon, proxyState, type ProxyState } from '../daemon.ts';
import { readManagedPart } from '../managed-config.ts';
import { readPort } from '../proxy-address.ts';
import { readRefusedFiles, type RefusedFile } from '../refused-files.ts';
import { readReleasesStatus, type ReleasesStatus } from '../releases-status.ts';
import { isManagedSource } from '../managed-source.ts';

interface Status {
  readonly proxy: ProxyState;
  readonly port: number;
  /** Configuration files with a managed part. */
  readonly enabled: readonly string[];
  readonly registries: readonly RegistryStatus[];
  /** The signed releases of Rust; undefined where they are not trusted. */
  readonly releases: ReleasesStatus | undefined;
  /** Files of mirrors that did not verify, newest last: who serves them lies or is damaged. */
  readonly refused: readonly RefusedFile[];
  /** Why plain cargo or rustup could fetch past the verification; empty when they cannot. */
  readonly bypasses: readonly string[];
}

interface RegistryStatus {
  readonly registry: string;
  /** Of TUF metadata, or a signed git index. */
  readonly kind: AnchorKind;
  readonly timestamp: number | undefined;
  readonly tree: number | undefined;
  /** Of a signed git index: the commit that was verified last. */
  readonly commit: string | undefined;
  readonly expires: string | undefined;
  /** Limits that its anchor sets. */
  readonly limits: Readonly<Record<string, number>>;
  readonly format: string;
  /** Legacy schemes that its anchor allows. */
  readonly allow: readonly string[];
}

export function statusCommand(context: Context, outcome: Outcome): Command {
  return new Command('status')
    .description('show what is trusted, whether the proxy runs, and whether anything bypasses it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExits with 4 when something bypasses the verification.\n\nExample:\n  cargo tuf status\n',
    )
    .action(async (options: { json?: boolean }) => {
      const status = await readStatus(context);
      if (options.json) printJson(context, status);
      else printStatus(context, status);
      const isEnabled = status.enabled.length > 0 || (status.releases?.bypasses.length ?? 0) > 0;
      outcome.exitCode = isEnabled && status.bypasses.length > 0 ? 4 : 0;
    });
}

export async function readStatus(context: Context): Promise<Status> {
  const port = await readPort(context);
  const enabled = [];
  for (const project of [false, true]) {
    const file = configFile(context, project);
    if ((await readManagedPart(file)) !== undefined) enabled.push(file);
  }
  const asked = proxyState(context, port);
  const anchors = await listAnchors(context.home);
  const registries = await Promise.all(anchors.map(anchor => registryStatus(context, anchor)));
  const releases = await readReleasesStatus(context, port);
  let proxy = await asked;
  if (proxy === 'stopped' && enabled.length > 0 && (await ensureDaemon(context))) proxy = 'running';
  return {
    proxy,
    port,
    enabled,
    registries,
    releases,
    refused: await readRefusedFiles(context),
    bypasses: [
      ...(await findBypasses(context, { proxy, port, enabled: enabled.length > 0, anchors })),
      ...(releases?.bypasses ?? []),
    ],
  };
}

async function registryStatus(context: Context, anchor: TrustAnchor): Promise<RegistryStatus> {
  const registry = await openRegistry({ anchor, home: context.home, clock: context.clock });
  const { kind, limits = {}, format = 'json', allow = [] } = anchor;
  const rules = { registry: formatRegistryId(anchor.registry), kind, limits, format, allow };
  try {
    const { index } = await registry.openOffline();
    return {
      ...rules,
      timestamp: index.timestamp.version,
      tree: index.kind === 'tuf' ? index.snapshot.versions.tree : undefined,
      commit: index.kind === 'git' ? index.commits.commit : undefined,
      expires: formatTime(index.expires),
    };
  } catch (error) {
    if (!isTufError(error, 'CLIENT_NO_STATE', 'REGISTRY_NO_STATE')) throw error;
    return { ...rules, timestamp: undefined, tree: undefined, commit: undefined, expires: undefined };
  } finally {
    await registry.close();
  }
}

interface Seen {
  readonly proxy: ProxyState;
  readonly port: number;
  readonly enabled: boolean;
  readonly anchors: readonly TrustAnchor[];
}

async function findBypasses(
  context: Context,
  { proxy, port, enabled, anchors }: Seen,
): Promise<readonly string[]> {
  const bypasses: string[] = [];
  if (!enabled) bypasses.push('cargo-tuf is not enabled: only `cargo tuf …` is verified, plain cargo is not');
  if (enabled && proxy === 'stranger')
    bypasses.push(`port ${port} is taken by a program that is not this user's proxy`);
  const { sources } = await readCargoConfig(context);
  for (const { file, source, key, value } of sources) {
    if (key === 'replace-with' && !isManagedSource(value))
      bypasses.push(`${file} replaces source ${source} with ${value}`);
  }
  const trusted = new Set(anchors.map(anchor => anchor.registry));
  for (const name of (context.environment['CARGO_TUF_DISABLE'] ?? '').split(',').filter(Boolean)) {
    if (!trusted.has(parseRegistryId(name))) bypasses.push(`CARGO_TUF_DISABLE names ${name}`);
  }
  return bypasses;
}

function printReleases(context: Context, { timestamp, expires, rustup }: ReleasesStatus): void {
  const state =
    timestamp === undefined ? 'trusted, not synced yet' : `timestamp ${timestamp}, expires ${expires}`;
  print(context, `releases   ${state}`);
  const shell = rustup === 'proxy' ? 'asks the proxy' : 'is not verified; run eval "$(cargo tuf env)"';
  print(context, `rustup     in this shell ${shell}`);
}

function printStatus(context: Context, status: Status): void {
  print(context, `proxy      ${status.proxy}, port ${status.port}`);
  print(context, `enabled    ${status.enabled.join(', ') || 'nowhere'}`);
  for (const each of status.registries) {
    const state =
      each.timestamp === undefined
        ? 'trusted, not synced yet'
        : `timestamp ${each.timestamp}, ${each.kind === 'git' ? `commit ${each.commit}` : `tree ${each.tree}`}, expires ${each.expires}`;
    print(context, `registry   ${each.registry}: ${state}`);
  }
  if (status.registries.length === 0) print(context, 'registry   none is trusted yet');
  if (status.releases !== undefined) printReleases(context, status.releases);
  for (const { mirror, path, message, code, time } of status.refused)
    print(context, `refused    ${mirror} ${path} at ${time}: ${message} [${code}]`);
  for (const bypass of status.bypasses) print(context, `bypass     ${bypass}`);
  if (status.bypasses.length === 0) print(context, 'bypass     none');
}
