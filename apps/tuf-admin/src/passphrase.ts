import { isAbsolute, resolve } from 'node:path';
import { escapeText } from '@cargo-tuf/errors';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { readExistingFile } from './local-file.ts';

export interface PassphraseOptions {
  readonly passphraseFile?: string;
  readonly unencryptedKeys?: boolean;
}

/** The passphrase of the private keys: the first line of a file, or CARGO_TUF_PASSPHRASE; undefined where neither is given. */
export async function readPassphrase(
  context: Context,
  options: PassphraseOptions,
): Promise<string | undefined> {
  if (options.passphraseFile === undefined) return context.env['CARGO_TUF_PASSPHRASE'] || undefined;
  const path = resolvePath(context, options.passphraseFile);
  const text = new TextDecoder().decode(readExistingFile(path, 4096));
  const line = text.split(/\r?\n/, 1)[0] ?? '';
  if (line !== '') return line;
  throw fail('ADMIN_PASSPHRASE', `${escapeText(path)}: its first line is empty, expected a passphrase`);
}

/** For new keys: no passphrase is a choice that must be said. */
export async function passphraseForNewKeys(
  context: Context,
  options: PassphraseOptions,
): Promise<string | undefined> {
  const passphrase = await readPassphrase(context, options);
  if (options.unencryptedKeys) {
    if (passphrase === undefined) return undefined;
    throw fail('ADMIN_PASSPHRASE', 'keys: both a passphrase and --unencrypted-keys, expected one of them');
  }
  if (passphrase !== undefined) return passphrase;
  throw fail('ADMIN_PASSPHRASE', 'keys: no passphrase to encrypt them with');
}

export function resolvePath(context: Context, path: string): string {
  return isAbsolute(path) ? path : resolve(context.cwd, path);
}
