import { openHome } from '@cargo-tuf/cargo-tuf-lib';
import { formatError, isTufError } from '@cargo-tuf/errors';
import { Command } from 'commander';
import { findCargo, runCargo } from '../cargo-process.ts';
import { assertNoBypass, readCargoConfig } from '../cargo-config.ts';
import { type Context, print, printJson } from '../context.ts';
import { fail } from '../errors.ts';
import { findProgram, runChild } from '../child-process.ts';
import { openTrusted } from '../releases.ts';
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
    const trusted = await openTrusted(context);
    await trusted.close();
    const { registries, releases } = trusted;
    return [...registries, ...(releases ? [releases] : [])].map(each => each.anchor.registry).join(', ');
  });
  await check('proxy', async () => {
    const status = await readStatus(context);
    if (status.proxy === 'stranger') throw fail('APP_PORT_TAKEN', `port ${status.port}: taken by a stranger`);
    return `${status.proxy}, port ${status.port}`;
  });
  if (checks.some(({ name, ok }) => name === 'anchors' && !ok)) return checks;
  const trusted = await openTrusted(context);
  const { registries, releases } = trusted;
  for (const registry of registries) {
    await check(`sync ${registry.id}`, async () => describeState((await registry.sync()).index));
  }
  if (releases !== undefined) {
    await check(`sync ${releases.anchor.registry}`, async () => {
      const { snapshot } = await releases.sync();
      return `timestamp ${snapshot.versions.timestamp}`;
    });
    await check('rustup', () => rustupVersion(context));
  }
  await trusted.close();
  return checks;
}

async function rustupVersion(context: Context): Promise<string> {
  const rustup = findProgram(context, 'rustup');
  if (rustup === undefined) throw fail('APP_NO_RUSTUP', 'rustup: not found on the path');
  const { stdout } = await runChild(context, rustup, ['--version'], { capture: true, quiet: true });
  return `${stdout.trim()} at ${rustup}`;
}

async function cargoVersion(context: Context): Promise<string> {
  const { stdout } = await runCargo(context, ['--version'], { capture: true });
  const version = /^cargo 1\.([0-9]+)\./.exec(stdout);
  if (version === null || Number(version[1]) < OLDEST_MINOR) {
    throw fail('APP_CARGO_TOO_OLD', `cargo: ${stdout.trim()}, expected 1.${OLDEST_MINOR} or later`);
  }
  return `${stdout.trim()} at ${findCargo(context)}`;
}
