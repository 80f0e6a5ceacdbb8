// Options that the commands on a signed git index share.

import type { Command } from 'commander';
import { collect } from '../arguments.ts';
import { fail } from '../errors.ts';
import type { PassphraseOptions } from '../passphrase.ts';

export interface IndexOptions {
  readonly branch?: string;
  readonly json?: boolean;
}

export interface SigningOptions extends IndexOptions, PassphraseOptions {
  readonly gpgKey: readonly string[];
  readonly key: readonly string[];
  readonly author?: string;
  readonly period: string;
}

export function withIndexOptions(command: Command): Command {
  return command
    .option('--branch <name>', 'the branch of the index; the one of HEAD when not given')
    .option('--json', 'print JSON');
}

export function withSigningOptions(command: Command): Command {
  return withIndexOptions(command)
    .option('--gpg-key <fingerprint>', 'sign with a key that gpg-agent holds; can be repeated', collect, [])
    .option('--key <file>', 'sign with a private key in a file; can be repeated', collect, [])
    .option('--passphrase-file <file>', 'the passphrase of the key files (or CARGO_TUF_PASSPHRASE)')
    .option(
      '--author <name>',
      'who is named in commits: "Name <address>"; the owner of the key when not given',
    )
    .option('--period <time>', 'from signing to the end of timestamp.toml: 36h, 7d', '7d');
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST = 10 * 366 * 86_400_000;

/** Milliseconds. */
export function parseDuration(option: string, text: string): number {
  const match = /^([1-9][0-9]{0,7})([smhd])$/.exec(text);
  const time = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN);
  if (time <= LONGEST) return time;
  throw fail('ADMIN_USAGE', `${option}: expected a time such as 36h or 7d, at most ten years`);
}

const ROLES = ['root', 'timestamp', 'targets'] as const;
export type IndexRole = (typeof ROLES)[number];

/** `ROLE=VALUE` */
export function parseRoleValue(
  option: string,
  text: string,
): { readonly role: IndexRole; readonly value: string } {
  const at = text.indexOf('=');
  const role = ROLES.find(each => each === text.slice(0, at));
  if (role !== undefined && at < text.length - 1) return { role, value: text.slice(at + 1) };
  throw fail('ADMIN_USAGE', `${option}: expected root=…, timestamp=… or targets=…`);
}
