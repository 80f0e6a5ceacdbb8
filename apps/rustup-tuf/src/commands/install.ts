import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { fail } from '../errors.ts';
import { findActive } from '../home/active-toolchain.ts';
import { readSettings, setDefaultToolchain } from '../home/settings.ts';
import { releaseOf, type Release } from '../home/toolchain-name.ts';
import { releasesNamed } from '../toolchain-choice.ts';
import { requireManifest, withReleases } from '../releases.ts';
import { report } from '../reports.ts';
import { type ChangeReport, changeToolchain } from '../toolchain/change.ts';
import { type ComponentWish, selectWished } from '../wishes.ts';

interface InstallOptions {
  readonly profile?: string;
  readonly component: readonly string[];
  readonly target: readonly string[];
  readonly reinstall?: boolean;
  readonly json?: boolean;
}

export function installCommand(context: Context): Command {
  return new Command('install')
    .description('verify and install toolchains, or bring them up to date')
    .argument(
      '[toolchain...]',
      'stable, beta, nightly, nightly-2026-11-20, 1.95.0; none: what the project asks for',
    )
    .option('--profile <name>', 'minimal, default or complete; what is said in settings.toml unless given')
    .option('-c, --component <name>', 'add a component; can be repeated', collect, [])
    .option('-t, --target <triple>', 'add the standard library of a target; can be repeated', collect, [])
    .option('--reinstall', 'take nothing over from what is installed')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf install stable --profile minimal -c clippy\n')
    .action(async (names: readonly string[], options: InstallOptions) => installAll(context, names, options));
}

export function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, ...value.split(',')];
}

async function installAll(
  context: Context,
  names: readonly string[],
  options: InstallOptions,
): Promise<void> {
  const wish = { profile: options.profile, components: options.component, targets: options.target };
  const wanted =
    names.length === 0
      ? [await activeRelease(context, wish)]
      : (await releasesNamed(context, names)).map(release => ({ release, wish }));
  const settings = await readSettings(context.rustup);
  const reports = await withReleases(context, async session => {
    const done: ChangeReport[] = [];
    for (const { release, wish: components } of wanted) {
      const manifest = await requireManifest(session, release);
      done.push(
        await changeToolchain(context, session.state, session.snapshot, {
          release,
          manifest,
          anew: options.reinstall === true,
          select: installed =>
            selectWished(manifest.manifest, release.host, components, installed, settings.profile),
        }),
      );
    }
    return done;
  });
  await chooseDefault(context, settings.defaultToolchain, reports);
  report(context, reports, options.json);
}

/** What the folder's rust-toolchain file, override or default says. */
async function activeRelease(
  context: Context,
  wish: ComponentWish,
): Promise<{ readonly release: Release; readonly wish: ComponentWish }> {
  const active = await findActive(context);
  const release = active && releaseOf(active.name);
  if (release === undefined)
    throw fail('INSTALL_USAGE', 'toolchain: none given, and no release is asked for here');
  const file = active?.file;
  if (file === undefined) return { release, wish };
  return {
    release,
    wish: {
      profile: wish.profile ?? file.profile,
      components: [...file.components, ...(wish.components ?? [])],
      targets: [...file.targets, ...(wish.targets ?? [])],
    },
  };
}

/** The first toolchain of a user becomes the default, as with rustup. */
async function chooseDefault(
  context: Context,
  known: string | undefined,
  reports: readonly ChangeReport[],
): Promise<void> {
  const first = reports.find(({ status }) => status === 'installed');
  if (known !== undefined || first === undefined) return;
  await setDefaultToolchain(context.rustup, first.toolchain);
  say(context, `default toolchain set to ${first.toolchain}`);
}
