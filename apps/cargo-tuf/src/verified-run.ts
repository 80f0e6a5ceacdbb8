// `cargo tuf <cargo command>`: everything around one run of the unmodified cargo.
//
//  1. The locked packages are sorted by source; what has no anchor is refused unless it is allowed by name.
//  2. A gateway is opened: our own proxy, or one that proved that it is this user's.
//  3. Locked crates are proved and fetched ahead of cargo, if they are not on this machine already, in which case nobody
//     is asked anything.
//  4. Cargo's own copies of them are compared with what is locked: cargo never checks them again.
//  5. Cargo runs with its sources replaced, and its exit code is ours.

import { openProgress } from '@cargo-tuf/command-line';
import {
  fetchLockedCrates,
  formatRegistryId,
  type LockedPackage,
  type Registry,
  type RegistryId,
  type RegistrySnapshot,
  readFloorFile,
  readLockfile,
  verifyLockedChecksums,
} from '@cargo-tuf/cargo-tuf-lib';
import { isTufError } from '@cargo-tuf/errors';
import { checkCaches } from './cache-check.ts';
import { type CargoArguments, completeArguments, readCargoArguments } from './cargo-arguments.ts';
import { assertNoBypass, readCargoConfig } from './cargo-config.ts';
import { runCargo } from './cargo-process.ts';
import type { Context } from './context.ts';
import { say } from './context.ts';
import { declaredSources } from './declared-sources.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { parsePort } from './proxy-address.ts';
import { openProject, type Project } from './project.ts';
import { openRegistries, type OpenRegistries } from './registries.ts';
import { replacementArguments } from './source-replacement.ts';
import { assertSources, sortSources } from './sources.ts';

export interface CargoOptions {
  readonly allow: readonly string[];
  readonly port?: string;
}

/** Runs cargo on verified crates; gives cargo's exit code, or throws before cargo ran. */
export async function runVerified(
  context: Context,
  args: readonly string[],
  options: CargoOptions,
): Promise<number> {
  const wanted = readCargoArguments(args);
  if (!wanted.needsCrates) return (await runCargo(context, completeArguments(args))).exitCode;
  assertNoBypass(await readCargoConfig(context), args);
  const project = await openProject(context, wanted.manifestPath);
  const registries = await openRegistries(context, project && (await readFloorFile(project.floorFile)));
  let gateway: Gateway | undefined;
  try {
    const sources = sortSources(project?.packages ?? [], registries.anchors);
    assertSources(context, sources.unsigned, options.allow);
    if (project !== undefined) {
      assertSources(
        context,
        await declaredSources(context, registries.anchors, wanted.manifestPath),
        options.allow,
      );
    }
    const opened = registries.anchors.map(anchor => registries.registry(anchor.registry));
    const pinned = new Map<RegistryId, RegistrySnapshot>();
    gateway = await openGateway(context, {
      registries: opened,
      onPin: snapshot => pinned.set(snapshot.registry, snapshot),
      offline: wanted.offline,
      port: options.port === undefined ? undefined : parsePort(options.port),
      alone: wanted.offline,
    });
    const replaced = await replacementArguments(context, opened, gateway.port);
    if (project !== undefined) {
      const locked = await lockPackages(context, project, replaced, wanted);
      if (typeof locked === 'number') return locked;
      await prepareCrates(context, registries, locked, {
        offline: wanted.offline,
        allow: options.allow,
        pinned,
      });
    }
    if (wanted.offline && project !== undefined) await fillCargoCache(context, replaced, wanted.manifestPath);
    return (await runCargo(context, [...replaced, ...completeArguments(args)])).exitCode;
  } finally {
    await gateway?.close();
    await registries.close();
  }
}

/** The locked packages. Where nothing is locked yet, cargo resolves first, through the proxy; its exit code when it fails. */
async function lockPackages(
  context: Context,
  project: Project,
  replaced: readonly string[],
  wanted: CargoArguments,
): Promise<readonly LockedPackage[] | number> {
  if (project.packages !== undefined) return project.packages;
  if (wanted.locked || wanted.command === 'generate-lockfile') return [];
  const manifest = wanted.manifestPath === undefined ? [] : ['--manifest-path', wanted.manifestPath];
  const { exitCode } = await runCargo(context, [...replaced, 'generate-lockfile', ...manifest]);
  return exitCode === 0 ? ((await readLockfile(project.lockfile)) ?? []) : exitCode;
}

interface PrepareOptions {
  readonly offline: boolean;
  readonly allow: readonly string[];
  /** Snapshots that this run of cargo sees already. */
  readonly pinned: ReadonlyMap<RegistryId, RegistrySnapshot>;
}

/** Proves, fetches and compares the locked crates of every registry. */
async function prepareCrates(
  context: Context,
  registries: OpenRegistries,
  packages: readonly LockedPackage[],
  options: PrepareOptions,
): Promise<void> {
  const sources = sortSources(packages, registries.anchors);
  assertSources(context, sources.unsigned, options.allow);
  for (const [id, locked] of sources.byRegistry) {
    const registry = registries.registry(id);
    const pinned = options.pinned.get(id);
    const snapshot = pinned ?? (await snapshotFor(context, registry, locked, options.offline));
    const progress = openProgress(context, 'Verifying crates', locked.length);
    try {
      await fetchLockedCrates(snapshot, locked, ({ done, crate }) => progress.step(done, crate));
    } finally {
      progress.end();
    }
    await checkCaches(context, snapshot, locked);
  }
}

/** The state that these crates are proved by: what is on this machine when it proves them all, else a fresh one. */
async function snapshotFor(
  context: Context,
  registry: Registry,
  locked: readonly LockedPackage[],
  offline: boolean,
): Promise<RegistrySnapshot> {
  if (offline) {
    const snapshot = await registry.openOffline();
    say(context, `offline: ${formatRegistryId(registry.id)} as of ${ageOf(context, snapshot)}`);
    return snapshot;
  }
  try {
    const snapshot = await registry.openOffline();
    await verifyLockedChecksums(snapshot, locked);
    for (const { name, version } of locked) await snapshot.crate(name, version);
    return snapshot;
  } catch (error) {
    if (!isTufError(error)) throw error;
    return registry.sync();
  }
}

function ageOf(context: Context, snapshot: RegistrySnapshot): string {
  const { timestamp } = snapshot.index;
  const left = timestamp.expires - context.clock();
  const hours = Math.round(Math.abs(left) / 3_600_000);
  return `timestamp ${timestamp.version}, which ${left > 0 ? `expires in ${hours}` : `expired ${hours}`} hours${left > 0 ? '' : ' ago'}`;
}

/** Offline, cargo looks only into its own cache: it is filled from the verified store first. */
async function fillCargoCache(
  context: Context,
  replaced: readonly string[],
  manifestPath: string | undefined,
): Promise<void> {
  const args = ['fetch', '--locked', '--quiet'];
  if (manifestPath !== undefined) args.push('--manifest-path', manifestPath);
  await runCargo(context, [...replaced, ...args]);
}
