import { formatError, isTufError } from '@cargo-tuf/errors';
import { formatTime } from '@cargo-tuf/metadata';
import { Command } from 'commander';
import { findFormats } from '../archive/formats.ts';
import { type Context, print, printJson } from '../context.ts';
import { fail } from '../errors.ts';
import { findActive } from '../home/active-toolchain.ts';
import { readSettings } from '../home/settings.ts';
import type { Outcome } from '../outcome.ts';
import { describeVerified, listToolchains } from '../overview.ts';
import { openTrustedReleases } from '../releases.ts';
import { installedRustup } from '../rustup-program.ts';
import { hostOf } from '../toolchain-choice.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly result: string;
}

export function doctorCommand(context: Context, outcome: Outcome): Command {
  return new Command('doctor')
    .description('check the settings, the anchor, the mirrors, rustup and what is installed')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExits with 1 when a check fails.\n\nExample:\n  rustup-tuf doctor\n')
    .action(async (options: { json?: boolean }) => {
      const checks = await runChecks(context);
      if (options.json) printJson(context, checks);
      else
        for (const { name, ok, result } of checks)
          print(context, `${ok ? 'ok  ' : 'FAIL'} ${name}: ${result}`);
      outcome.exitCode = checks.every(check => check.ok) ? 0 : 1;
    });
}

async function runChecks(context: Context): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const check = async (name: string, work: () => Promise<string>): Promise<void> => {
    try {
      checks.push({ name, ok: true, result: await work() });
    } catch (error) {
      if (!isTufError(error)) throw error;
      checks.push({ name, ok: false, result: formatError('doctor', error).trimEnd().replaceAll('\n', '; ') });
    }
  };
  await check('settings', async () => {
    await readSettings(context.rustup);
    return context.rustup.settings;
  });
  await check('host', () => hostOf(context));
  await check('formats', async () => {
    const { zst, xz } = findFormats(context.environment);
    return ['gz', ...(xz ? [`xz (${xz})`] : []), ...(zst ? ['zst'] : [])].join(', ');
  });
  await check(
    'rustup',
    async () => (await installedRustup(context)) ?? 'none; `rustup-tuf self update` installs it',
  );
  await check('releases', async () => {
    const releases = await openTrustedReleases(context);
    try {
      const { snapshot } = await releases.sync();
      return `verified, until ${formatTime(snapshot.expires)}`;
    } finally {
      await releases.close();
    }
  });
  await check('active', async () => {
    const active = await findActive(context);
    return active === undefined ? 'none' : `${active.name} (${active.reason})`;
  });
  for (const each of await listToolchains(context)) {
    await check(each.name, async () => {
      const isPartly = each.verified.length > 0 && each.verified.length < each.components.length;
      if (isPartly) throw fail('INSTALL_NOT_VERIFIED', `${each.name}: ${describeVerified(each)}`);
      return describeVerified(each);
    });
  }
  return checks;
}
