import { escapeText } from '@cargo-tuf/errors';
import type { Scheme } from '@cargo-tuf/keys';
import { Command } from 'commander';
import { fail } from './errors.ts';

/** Options that every command that signs has. */
export function withKeyOptions(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'the passphrase of the private keys (or CARGO_TUF_PASSPHRASE)')
    .option('--json', 'print JSON');
}

export function withNewKeyOptions(command: Command): Command {
  return withKeyOptions(command)
    .option('--scheme <scheme>', 'ed25519 or ecdsa-sha2-nistp256', 'ed25519')
    .option('--unencrypted-keys', 'write the private keys without a passphrase, for a trial');
}

export function parseScheme(text: string): Scheme {
  if (text === 'ed25519' || text === 'ecdsa-sha2-nistp256') return text;
  throw fail('ADMIN_USAGE', `--scheme: "${escapeText(text, 60)}", expected ed25519 or ecdsa-sha2-nistp256`);
}

/** A decimal number of an option, between two bounds. */
export function parseNumber(option: string, text: string, least: number, most: number): number {
  const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw fail(
    'ADMIN_USAGE',
    `${option}: "${escapeText(text, 60)}", expected a number from ${least} to ${most}`,
  );
}

/** For options that can be repeated. */
export function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}

/** `CRATE@VERSION`. */
export function parseCrateAtVersion(text: string): { readonly name: string; readonly version: string } {
  const at = text.indexOf('@');
  if (at > 0 && at < text.length - 1) return { name: text.slice(0, at), version: text.slice(at + 1) };
  throw fail('ADMIN_USAGE', 'argument: expected CRATE@VERSION');
}
