import { type Outcome, print, printJson } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { requireManifest, type Session, withReleases } from '../releases.ts';
import { installedRustup } from '../rustup-program.ts';
import { installedChannels } from './update.ts';

interface CheckedToolchain {
  readonly toolchain: string;
  readonly isCurrent: boolean;
  /** Of the manifest that is installed; undefined for what rustup-tuf did not install. */
  readonly installed: string | undefined;
  readonly signed: string;
  readonly version: string;
}

interface CheckedRustup {
  readonly installed: string;
  readonly signed: string;
  readonly isCurrent: boolean;
}

export function checkCommand(context: Context, outcome: Outcome): Command {
  return new Command('check')
    .description('tell which toolchains, and whether rustup, have something newer that is signed')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExits with 100 when nothing is newer, as rustup does.\n\nExample:\n  rustup-tuf check\n',
    )
    .action(async (options: { json?: boolean }) => {
      const { toolchains, rustup } = await withReleases(context, async session => ({
        toolchains: await checkToolchains(session),
        rustup: await checkRustup(session),
      }));
      if (options.json) printJson(context, { toolchains, rustup });
      else {
        for (const { toolchain, isCurrent, version } of toolchains)
          print(context, `${toolchain} - ${isCurrent ? 'up to date' : 'update available'}: rustc ${version}`);
        if (rustup !== undefined)
          print(
            context,
            `rustup - ${rustup.isCurrent ? 'up to date' : 'update available'}: ${rustup.signed}`,
          );
      }
      const isNews = toolchains.some(each => !each.isCurrent) || rustup?.isCurrent === false;
      outcome.exitCode = isNews ? 0 : 100;
    });
}

async function checkToolchains(session: Session): Promise<readonly CheckedToolchain[]> {
  const checked: CheckedToolchain[] = [];
  for (const release of await installedChannels(session.context)) {
    const { manifest, sha256 } = await requireManifest(session, release);
    const record = await session.state.record(release.name);
    checked.push({
      toolchain: release.name,
      isCurrent: record?.manifest === sha256,
      installed: record?.date,
      signed: manifest.date,
      version: manifest.packages.get('rustc')?.version ?? '',
    });
  }
  return checked;
}

async function checkRustup({ context, snapshot }: Session): Promise<CheckedRustup | undefined> {
  const installed = await installedRustup(context);
  const signed = (await snapshot.rustupRelease())?.version;
  if (installed === undefined || signed === undefined) return undefined;
  return { installed, signed, isCurrent: installed === signed };
}
