import { print, printJson } from '@cargo-tuf/command-line';
import { Command } from 'commander';
import { readCargoConfig } from '../cargo-config.ts';
import { configFile } from '../config-file.ts';
import type { Context } from '../context.ts';
import { readManagedPart } from '../managed-config.ts';
import { readPort } from '../proxy-address.ts';

interface Setting {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

export function configCommand(context: Context): Command {
  return new Command('config')
    .description('show the settings in force')
    .option('--explain', 'say where each comes from and what it does')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  cargo tuf config --explain\n')
    .action(async (options: { explain?: boolean; json?: boolean }) => {
      const settings = await readSettings(context);
      if (options.json) printJson(context, settings);
      else {
        for (const { name, value, from } of settings) {
          print(context, `${name} = ${value}`);
          if (options.explain)
            print(
              context,
              `    from ${from}; ${MEANINGS[name] ?? 'decides where cargo takes a source from'}`,
            );
        }
      }
    });
}

const MEANINGS: Readonly<Record<string, string>> = {
  CARGO_HOME: 'holds cargo’s caches, and below tuf/ the anchors and the trusted state',
  port: 'the proxy listens there; it names cargo’s cache folders, so it stays the same',
  CARGO_TUF_DISABLE: 'third-party registries without an anchor that are let through; never crates-io',
  CARGO_HTTP_CAINFO: 'certificates for the mirrors, in place of the built-in authorities',
  SSL_CERT_FILE: 'certificates for the mirrors where CARGO_HTTP_CAINFO is not set',
  HTTPS_PROXY: 'the mirrors are asked through it',
  NO_PROXY: 'hosts that are asked directly',
  RUSTUP_DIST_SERVER: 'plain rustup takes toolchains from there; `cargo tuf env` sets it',
  RUSTUP_UPDATE_ROOT: 'plain rustup updates itself from there; `cargo tuf env` sets it',
  enabled: 'plain cargo is verified through this file',
};

const FROM_ENVIRONMENT = [
  'CARGO_TUF_DISABLE',
  'CARGO_HTTP_CAINFO',
  'SSL_CERT_FILE',
  'HTTPS_PROXY',
  'NO_PROXY',
  'RUSTUP_DIST_SERVER',
  'RUSTUP_UPDATE_ROOT',
] as const;

async function readSettings(context: Context): Promise<readonly Setting[]> {
  const { environment, home } = context;
  const settings: Setting[] = [
    {
      name: 'CARGO_HOME',
      value: home.cargoHome,
      from: environment['CARGO_HOME'] ? 'the environment' : 'the default',
    },
    {
      name: 'port',
      value: String(await readPort(context)),
      from: `${home.tuf}/proxy.json, else the default`,
    },
  ];
  for (const name of FROM_ENVIRONMENT) {
    const value = environment[name] ?? environment[name.toLowerCase()];
    if (value) settings.push({ name, value, from: 'the environment' });
  }
  for (const project of [false, true]) {
    const file = configFile(context, project);
    if ((await readManagedPart(file)) !== undefined)
      settings.push({ name: 'enabled', value: file, from: file });
  }
  for (const { file, source, key, value } of (await readCargoConfig(context)).sources) {
    settings.push({ name: `source.${source}.${key}`, value, from: file });
  }
  return settings;
}
