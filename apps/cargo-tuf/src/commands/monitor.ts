import type { Outcome } from '@cargo-tuf/command-line';
import { escapeText } from '@cargo-tuf/errors';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { fail } from '../errors.ts';
import { checkFile } from '../monitor-check.ts';
import { createAuditorKey } from '../monitor-key.ts';
import { followRegistry, type FollowOptions } from '../monitor-follow.ts';

interface MonitorOptions extends Omit<FollowOptions, 'interval' | 'hours'> {
  readonly once?: boolean;
  readonly interval?: string;
  readonly hours: string;
  readonly check?: string;
  readonly anchor?: string;
  readonly newKey?: string;
}

export function monitorCommand(context: Context, outcome: Outcome): Command {
  return new Command('monitor')
    .description(
      'follow a registry as an auditor: check that nothing is taken back, countersign, keep evidence',
    )
    .option('--registry <registry>', 'the registry, when more than one is trusted')
    .option('--once', 'look once and return; the default')
    .option('--interval <seconds>', 'look again after so many seconds, until interrupted')
    .option('--also <url>', 'another mirror to compare with; can be repeated', collect, [])
    .option('--compare <file>', 'a timestamp.json that a client was given; can be repeated', collect, [])
    .option('--evidence <folder>', 'where evidence is written', '.')
    .option('--sign <file>', "the auditor's private key: countersign what holds")
    .option('--out <folder>', 'where the countersignature is written: served as audits/', '.')
    .option('--hours <number>', 'how long a countersignature is good', '24')
    .option('--passphrase-file <file>', 'the passphrase of the key (or CARGO_TUF_PASSPHRASE)')
    .option('--new-key <file>', 'make a key for an auditor, and FILE.pub for the operator of the registry')
    .option('--check <file>', 'say what a file of evidence proves; needs no network')
    .option('--anchor <file>', 'with --check: the root.json to check from, in place of what is trusted here')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  cargo tuf monitor --registry crates-io --interval 60 --sign auditor.pem --out /srv/audits
  cargo tuf monitor --check evidence-0123456789abcdef.json

Exits with 4 when the registry contradicts itself, and with --check when the file does not convince.
`,
    )
    .action(async (options: MonitorOptions) => {
      if (options.newKey !== undefined) await createAuditorKey(context, options.newKey, options);
      else if (options.check !== undefined) await checkFile(context, options.check, options);
      else outcome.exitCode = await followRegistry(context, followOptions(options));
    });
}

function followOptions({ once, interval, hours, ...rest }: MonitorOptions): FollowOptions {
  if (once && interval !== undefined)
    throw fail('APP_USAGE', 'monitor: both --once and --interval, expected one of them');
  return {
    ...rest,
    hours: numberOf('--hours', hours, 336),
    ...(interval !== undefined && { interval: numberOf('--interval', interval, 86_400) }),
  };
}

function numberOf(option: string, text: string, most: number): number {
  const number = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw fail('APP_USAGE', `${option}: "${escapeText(text, 60)}", expected a number from 1 to ${most}`);
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
