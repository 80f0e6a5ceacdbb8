import { openProgress, print, printJson, type Progress } from '@cargo-tuf/command-line';
import {
  formatRegistryId,
  type IndexReport,
  type RegistrySnapshot,
  readFloorFile,
  verifyLockedChecksums,
} from '@cargo-tuf/cargo-tuf-lib';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { describeProblem, reportCaches } from '../cache-check.ts';
import { type Context, say } from '../context.ts';
import { fail } from '../errors.ts';
import { openProject } from '../project.ts';
import { openRegistries } from '../registries.ts';
import { openTrustedReleases } from '../releases.ts';
import { sortSources } from '../sources.ts';

interface VerifyOptions {
  readonly offline?: boolean;
  readonly index?: string;
  readonly registry?: string;
  readonly releases?: string;
  readonly resume?: string;
  readonly json?: boolean;
}

export function verifyCommand(context: Context): Command {
  return new Command('verify')
    .description("compare Cargo.lock, cargo's download cache and unpacked sources with what was signed")
    .option('--offline', 'ask nobody; compare with what was verified before')
    .option('--index <folder>', 'compare a whole index folder instead, as a mirror has it')
    .option('--registry <registry>', 'the registry of --index, when more than one is trusted')
    .option('--releases <folder>', 'compare a copy of the release server instead, as a mirror has it')
    .option(
      '--resume <file>',
      'keep the progress of --index in this file, and go on from it after an interruption',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  cargo tuf verify\n  cargo tuf verify --index /srv/mirror/index --resume verify.json\n  cargo tuf verify --releases /srv/releases\n',
    )
    .action(async (options: VerifyOptions) => {
      if (options.releases !== undefined) return verifyReleases(context, options.releases, options);
      if (options.index !== undefined) return verifyIndex(context, options.index, options);
      return verifyProject(context, options);
    });
}

async function verifyProject(context: Context, options: VerifyOptions): Promise<void> {
  const project = await openProject(context);
  if (project?.packages === undefined) throw fail('APP_NO_LOCKFILE', 'verify: there is no Cargo.lock');
  const registries = await openRegistries(context, await readFloorFile(project.floorFile));
  const problems = [];
  let crates = 0;
  let copies = 0;
  const sources = sortSources(project.packages, registries.anchors);
  try {
    for (const [id, locked] of sources.byRegistry) {
      const registry = registries.registry(id);
      const snapshot = await (options.offline ? registry.openOffline() : registry.sync());
      await verifyLockedChecksums(snapshot, locked);
      const report = await reportCaches(context, snapshot, locked);
      crates += locked.length;
      copies += report.verified;
      problems.push(...report.problems);
    }
  } finally {
    await registries.close();
  }
  const unsigned = [...sources.unsigned].map(([source, packages]) => ({ source, packages }));
  if (options.json) printJson(context, { crates, copies, problems, unsigned });
  for (const each of unsigned)
    say(context, `not verified: ${each.packages} packages of ${each.source}, which has no anchor`);
  if (problems.length > 0) {
    throw fail('APP_VERIFY_FAILED', `verify: ${problems.map(describeProblem).join('; ')}`, {
      details: { files: problems.map(problem => problem.path) },
    });
  }
  if (!options.json)
    print(context, `${crates} locked crates and ${copies} copies in cargo's caches are as signed`);
}

async function verifyIndex(context: Context, folder: string, options: VerifyOptions): Promise<void> {
  const registries = await openRegistries(context);
  try {
    const anchor = registries.anchors.find(
      each => options.registry === undefined || formatRegistryId(each.registry) === options.registry,
    );
    if (anchor === undefined || (options.registry === undefined && registries.anchors.length > 1)) {
      throw fail('APP_USAGE', 'verify: name the registry of the index with --registry');
    }
    const registry = registries.registry(anchor.registry);
    const snapshot: RegistrySnapshot = await (options.offline ? registry.openOffline() : registry.sync());
    const report = await verifyFolder(context, snapshot, folder, options.resume);
    if (options.json) printJson(context, report);
    const wrong = [
      ...report.changed.map(each => `${each.path}: sha256 ${each.seen}, expected ${each.expected}`),
      ...report.missing.map(path => `${path}: is missing`),
      ...report.unsigned.map(path => `${path}: was not signed`),
    ];
    if (wrong.length > 0)
      throw fail('APP_VERIFY_FAILED', `${folder}: ${wrong.join('; ')}`, { details: { files: wrong } });
    if (!options.json) print(context, `${report.verified} index entries are as signed`);
  } finally {
    await registries.close();
  }
}

async function verifyFolder(
  context: Context,
  snapshot: RegistrySnapshot,
  folder: string,
  progressFile: string | undefined,
): Promise<IndexReport> {
  let progress: Progress | undefined;
  try {
    return await snapshot.verifySnapshot(folder, {
      ...(progressFile !== undefined && { progressFile }),
      onProgress: (done, total) => {
        progress ??= openProgress(context, 'Verifying index entries', total);
        progress.step(done, '');
      },
    });
  } finally {
    progress?.end();
  }
}

async function verifyReleases(context: Context, folder: string, options: VerifyOptions): Promise<void> {
  const releases = await openTrustedReleases(context);
  let progress: Progress | undefined;
  try {
    const snapshot = await (options.offline ? releases.openOffline() : releases.sync());
    const { verified, problems } = await snapshot.verifySnapshot(resolve(context.workingFolder, folder), {
      onProgress: (done, total, path) => {
        progress ??= openProgress(context, 'Verifying releases', total);
        progress.step(done, path);
      },
    });
    if (options.json) printJson(context, { verified, problems });
    if (problems.length > 0) {
      const shown = problems
        .slice(0, SHOWN)
        .map(({ path, sha256, expected }) =>
          sha256 === undefined
            ? `${path}: missing, expected sha256 ${expected}`
            : `${path}: sha256 ${sha256}, expected ${expected}`,
        );
      const more = problems.length > SHOWN ? `; ${problems.length - SHOWN} more, see --json` : '';
      throw fail('APP_RELEASES_DIFFER', `${folder}: ${shown.join('; ')}${more}`, {
        details: { files: problems.map(({ path }) => path) },
      });
    }
    if (!options.json) print(context, `${verified} files of the releases are as signed`);
  } finally {
    progress?.end();
    await releases.close();
  }
}

/** Files that an error names. */
const SHOWN = 20;
