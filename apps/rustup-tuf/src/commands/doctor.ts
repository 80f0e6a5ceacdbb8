import { Checks, type Outcome } from '@cargo-tuf/command-line';
import { formatTime } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { findFormats } from '../archive/formats.ts';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';
import { findActive } from '../home/active-toolchain.ts';
import { readSettings } from '../home/settings.ts';
import { describeVerified, listToolchains } from '../overview.ts';
import { openTrustedReleases } from '../releases.ts';
import { installedRustup } from '../rustup-program.ts';
import { hostOf } from '../toolchain-choice.ts';

export function doctorCommand(context: Context, outcome: Outcome): Command {
  return new Command('doctor')
    .description('check the settings, the anchor, the mirrors, rustup and what is installed')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExits with 1 when a check fails.\n\nExample:\n  rustup-tuf doctor\n')
    .action(async (options: { json?: boolean }) => {
      outcome.exitCode = (await runChecks(context)).print(context, options.json);
    });
}

async function runChecks(context: Context): Promise<Checks> {
  const checks = new Checks();
  await checks.run('settings', async () => {
    await readSettings(context.rustup);
    return context.rustup.settings;
  });
  await checks.run('host', () => hostOf(context));
  await checks.run('formats', async () => {
    const { zst, xz } = findFormats(context.environment);
    return ['gz', ...(xz ? [`xz (${xz})`] : []), ...(zst ? ['zst'] : [])].join(', ');
  });
  await checks.run(
    'rustup',
    async () => (await installedRustup(context)) ?? 'none; `rustup-tuf self update` installs it',
  );
  await checks.run('releases', async () => {
    const releases = await openTrustedReleases(context);
    try {
      const { snapshot } = await releases.sync();
      return `verified, until ${formatTime(snapshot.expires)}`;
    } finally {
      await releases.close();
    }
  });
  await checks.run('active', async () => {
    const active = await findActive(context);
    return active === undefined ? 'none' : `${active.name} (${active.reason})`;
  });
  for (const each of await listToolchains(context)) {
    await checks.run(each.name, async () => {
      const isPartly = each.verified.length > 0 && each.verified.length < each.components.length;
      if (isPartly) throw fail('INSTALL_NOT_VERIFIED', `${each.name}: ${describeVerified(each)}`);
      return describeVerified(each);
    });
  }
  return checks;
}
