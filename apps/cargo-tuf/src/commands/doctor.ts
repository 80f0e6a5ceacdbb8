import { Checks, findProgram, type Outcome } from '@cargo-tuf/command-line';
import { openHome } from '@cargo-tuf/cargo-tuf-lib';
import { Command } from 'commander';
import { findCargo, runCargo } from '../cargo-process.ts';
import { assertNoBypass, readCargoConfig } from '../cargo-config.ts';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';
import { runChild } from '../child-process.ts';
import { openTrusted } from '../releases.ts';
import { describeState } from '../registry-state.ts';
import { readStatus } from './status.ts';

/** Sparse registries are stable from here on. */
const OLDEST_MINOR = 68;

export function doctorCommand(context: Context, outcome: Outcome): Command {
  return new Command('doctor')
    .description('check cargo, the configuration, the anchors, the mirrors and the proxy')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExits with 1 when a check fails.\n\nExample:\n  cargo tuf doctor\n')
    .action(async (options: { json?: boolean }) => {
      outcome.exitCode = (await runChecks(context)).print(context, options.json);
    });
}

async function runChecks(context: Context): Promise<Checks> {
  const checks = new Checks();
  await checks.run('cargo', () => cargoVersion(context));
  await checks.run('home', async () => openHome(context.environment, context.workingFolder).tuf);
  await checks.run('configuration', async () => {
    const config = await readCargoConfig(context);
    assertNoBypass(config, []);
    return `${config.files.length} files, none replaces a source past us`;
  });
  await checks.run('anchors', async () => {
    const trusted = await openTrusted(context);
    await trusted.close();
    const { registries, releases } = trusted;
    return [...registries, ...(releases ? [releases] : [])].map(each => each.anchor.registry).join(', ');
  });
  await checks.run('proxy', async () => {
    const status = await readStatus(context);
    if (status.proxy === 'stranger') throw fail('APP_PORT_TAKEN', `port ${status.port}: taken by a stranger`);
    return `${status.proxy}, port ${status.port}`;
  });
  if (checks.results.some(({ name, ok }) => name === 'anchors' && !ok)) return checks;
  const trusted = await openTrusted(context);
  const { registries, releases } = trusted;
  for (const registry of registries) {
    await checks.run(`sync ${registry.id}`, async () => describeState((await registry.sync()).index));
  }
  if (releases !== undefined) {
    await checks.run(`sync ${releases.anchor.registry}`, async () => {
      const { snapshot } = await releases.sync();
      return `timestamp ${snapshot.versions.timestamp}`;
    });
    await checks.run('rustup', () => rustupVersion(context));
  }
  await trusted.close();
  return checks;
}

async function rustupVersion(context: Context): Promise<string> {
  const rustup = findProgram('rustup', context.environment['PATH']);
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
