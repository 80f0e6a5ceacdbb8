import { print, printJson } from '@cargo-tuf/command-line';
import { resolve } from 'node:path';
import { createLocalFile, readLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { formatSpki, type Signer } from '@cargo-tuf/keys';
import { createFileSigner, openFileSigner } from '@cargo-tuf/signers';
import { type Context, say } from './context.ts';
import { fail } from './errors.ts';

export interface KeyOptions {
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

/** Makes the key of an auditor, and beside it the public key that an operator lists in root. */
export async function createAuditorKey(context: Context, file: string, options: KeyOptions): Promise<void> {
  const path = resolve(context.workingFolder, file);
  const passphrase = await readPassphrase(context, options);
  if (passphrase === undefined)
    say(context, 'the private key is not encrypted: for a trial, or for a machine that does nothing else');
  const { publicKey } = await createFileSigner(
    path,
    'ed25519',
    passphrase === undefined ? {} : { passphrase },
  );
  const written = await createLocalFile(
    `${path}.pub`,
    new TextEncoder().encode(formatSpki(publicKey)),
    0o644,
  );
  if (!written) throw fail('APP_USAGE', `${path}.pub: exists already`);
  if (options.json) printJson(context, { key: path, publicKey: `${path}.pub` });
  else print(context, `${path}.pub: give it to the operator of the registry (tuf-admin auditors --add)`);
}

export async function openAuditorKey(context: Context, file: string, options: KeyOptions): Promise<Signer> {
  const passphrase = await readPassphrase(context, options);
  return openFileSigner(resolve(context.workingFolder, file), passphrase === undefined ? {} : { passphrase });
}

/** The first line of a file, or CARGO_TUF_PASSPHRASE. */
async function readPassphrase(context: Context, { passphraseFile }: KeyOptions): Promise<string | undefined> {
  if (passphraseFile === undefined) return context.environment['CARGO_TUF_PASSPHRASE'] || undefined;
  const path = resolve(context.workingFolder, passphraseFile);
  const bytes = await readLocalFile(path, 4096);
  const line = bytes && new TextDecoder().decode(bytes).split(/\r?\n/, 1)[0];
  if (line) return line;
  throw fail('APP_USAGE', `${path}: has no passphrase in its first line`);
}
