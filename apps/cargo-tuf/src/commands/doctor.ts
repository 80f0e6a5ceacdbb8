import { listAnchors, openHome } from '@cargo-tuf/cargo-tuf-lib';
import { formatError, isTufError } from '@cargo-tuf/errors';
import { Command } from 'commander';
import { findCargo, runCargo } from '../cargo-process.ts';
import { assertNoBypass, readCargoConfig } from '../cargo-config.ts';
import { type Context, print, printJson } from '../context.ts';
import { fail } from '../errors.ts';
import { openRegistries } from '../registries.ts';
import { describeState } from '../registry-state.ts';
import type { Outcome } from '../outcome.ts';
import { readStatus } from './status.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly result: string;
}

/** Sparse registries are stable from here on. */
const OLDEST_MINOR = 68;

export function doctorCommand(context: Context, outcome: Outcome): Command {
  return new Command('doctor')
    .description('check cargo, the configuration, the anchors, the mirrors and the proxy')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExits with 1 when a check fails.\n\nExample:\n  cargo tuf doctor\n')
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
  await check('cargo', () => cargoVersion(context));
  await check('home', async () => openHome(context.environment, context.workingFolder).tuf);
  await check('configuration', async () => {
    const config = await readCargoConfig(context);
    assertNoBypass(config, []);
    return `${config.files.length} files, none replaces a source past us`;
  });
  await check('anchors', async () => {
    const anchors = await listAnchors(context.home);
    if (anchors.length === 0) throw fail('APP_NO_ANCHOR', 'anchors: no registry is trusted yet');
    return anchors.map(anchor => anchor.registry).join(', ');
  });
  await check('proxy', async () => {
    const status = await readStatus(context);
    if (status.proxy === 'stranger') throw fail('APP_PORT_TAKEN', `port ${status.port}: taken by a stranger`);
    return `${status.proxy}, port ${status.port}`;
  });
  if ((await listAnchors(context.home)).length === 0) return checks;
  const registries = await openRegistries(context);
  for (const anchor of registries.anchors) {
    await check(`sync ${anchor.registry}`, async () => {
      const { index } = await registries.registry(anchor.registry).sync();
      return describeState(index);
    });
  }
  await registries.close();
  return checks;
}

async function cargoVersion(context: Context): Promise<string> {
  const { stdout } = await runCargo(context, ['--version'], { capture: true });
  const version = /^cargo 1\.([0-9]+)\./.exec(stdout);
  if (version === null || Number(version[1]) < OLDEST_MINOR) {
    throw fail('APP_CARGO_TOO_OLD', `cargo: ${stdout.trim()}, expected 1.${OLDEST_MINOR} or later`);
  }
  return `${stdout.trim()} at ${findCargo(context)}`;
}
