import { Command } from 'commander';
import type { Context } from '../context.ts';
import { isTracking, releaseOf, type Release } from '../home/toolchain-name.ts';
import { releasesNamed, requireInstalled } from '../toolchain-choice.ts';
import { requireManifest, withReleases } from '../releases.ts';
import { report } from '../reports.ts';
import { type ChangeReport, changeToolchain } from '../toolchain/change.ts';
import { listInstalled } from '../toolchain/installed.ts';
import { selectWished } from '../wishes.ts';

export function updateCommand(context: Context): Command {
  return new Command('update')
    .description('bring installed toolchains up to date; without a name, all that follow a channel')
    .argument('[toolchain...]')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
What rustup installed itself is verified by this: every component comes anew, from a signed manifest.

Example:
  rustup-tuf update
`,
    )
    .action(async (names: readonly string[], options: { json?: boolean }) => {
      const releases = await chosen(context, names);
      const reports = await withReleases(context, async session => {
        const done: ChangeReport[] = [];
        for (const release of releases) {
          const manifest = await requireManifest(session, release);
          done.push(
            await changeToolchain(context, session.state, session.snapshot, {
              release,
              manifest,
              select: installed => selectWished(manifest.manifest, release.host, {}, installed),
            }),
          );
        }
        return done;
      });
      report(context, reports, options.json);
    });
}

async function chosen(context: Context, names: readonly string[]): Promise<readonly Release[]> {
  if (names.length === 0) return installedChannels(context);
  const releases = await releasesNamed(context, names);
  for (const { name } of releases) await requireInstalled(context, name);
  return releases;
}

/** Installed toolchains that move on with their channel. */
export async function installedChannels(context: Context): Promise<readonly Release[]> {
  return (await listInstalled(context.rustup))
    .map(releaseOf)
    .filter(release => release !== undefined)
    .filter(isTracking);
}
