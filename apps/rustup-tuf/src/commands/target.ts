import { Command } from 'commander';
import type { Context } from '../context.ts';
import {
  addComponents,
  listComponentsOf,
  removeComponents,
  type ToolchainOption,
} from '../component-changes.ts';

export function targetCommand(context: Context): Command {
  const target = new Command('target').description(
    'add, remove and list targets that a toolchain builds for',
  );
  target
    .command('add')
    .description('verify and add the standard library of targets')
    .argument('<triple...>')
    .option('--toolchain <name>', 'another than the active one')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf target add wasm32-unknown-unknown\n')
    .action(async (targets: readonly string[], options: ToolchainOption) =>
      addComponents(context, { targets }, options),
    );
  target
    .command('remove')
    .description('remove the standard library of targets')
    .argument('<triple...>')
    .option('--toolchain <name>', 'another than the active one')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf target remove wasm32-unknown-unknown\n')
    .action(async (targets: readonly string[], options: ToolchainOption) =>
      removeComponents(
        context,
        targets.map(each => `${STD}${each}`),
        options,
      ),
    );
  target
    .command('list')
    .description('list targets that a toolchain has and can have')
    .option('--toolchain <name>', 'another than the active one')
    .option('--installed', 'only those that it has')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf target list --installed\n')
    .action(async (options: ToolchainOption & { installed?: boolean }) =>
      listComponentsOf(context, options, name => (name.startsWith(STD) ? name.slice(STD.length) : undefined)),
    );
  return target;
}

const STD = 'rust-std-';
