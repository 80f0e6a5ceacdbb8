import { Command } from 'commander';
import type { Context } from '../context.ts';
import {
  addComponents,
  listComponentsOf,
  removeComponents,
  type ToolchainOption,
} from '../component-changes.ts';

export function componentCommand(context: Context): Command {
  const component = new Command('component').description('add, remove and list components of a toolchain');
  component
    .command('add')
    .description('verify and add components, from the signed manifest that the toolchain comes from')
    .argument('<component...>', 'clippy, rust-src, llvm-tools, …')
    .option('--toolchain <name>', 'another than the active one')
    .option('--target <triple>', 'for another target than the toolchain runs on')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf component add clippy rust-src\n')
    .action(async (names: readonly string[], options: ToolchainOption & { target?: string }) =>
      addComponents(context, { components: forTarget(names, options.target) }, options),
    );
  component
    .command('remove')
    .description('remove components')
    .argument('<component...>')
    .option('--toolchain <name>', 'another than the active one')
    .option('--target <triple>', 'for another target than the toolchain runs on')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf component remove rust-docs\n')
    .action(async (names: readonly string[], options: ToolchainOption & { target?: string }) =>
      removeComponents(context, forTarget(names, options.target), options),
    );
  component
    .command('list')
    .description('list what a toolchain has and can have')
    .option('--toolchain <name>', 'another than the active one')
    .option('--installed', 'only what it has')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  rustup-tuf component list --installed\n')
    .action(async (options: ToolchainOption & { installed?: boolean }) =>
      listComponentsOf(context, options, name => name),
    );
  return component;
}

function forTarget(names: readonly string[], target: string | undefined): readonly string[] {
  return target === undefined ? names : names.map(name => `${name}-${target}`);
}
