import { formatSpki } from '@cargo-tuf/keys';
import { formatKey } from '@cargo-tuf/metadata';
import { createFileSigner } from '@cargo-tuf/signers';
import { escapeText } from '@cargo-tuf/errors';
import { Command } from 'commander';
import { parseScheme, withNewKeyOptions } from '../../arguments.ts';
import { type Context, print } from '../../context.ts';
import { fail } from '../../errors.ts';
import { writeNewFile } from '../../local-file.ts';
import { type PassphraseOptions, passphraseForNewKeys, resolvePath } from '../../passphrase.ts';

interface KeyOptions extends PassphraseOptions {
  readonly scheme: string;
  readonly json?: boolean;
}

export function releaseKeyCommand(context: Context): Command {
  return withNewKeyOptions(new Command('key'))
    .description("make a custodian's key: FILE.pem stays with its owner, FILE.pub goes to the operator")
    .argument('<file>', 'as alice.pem; it must not exist')
    .addHelpText('after', '\nExample:\n  tuf-admin release key alice.pem --passphrase-file passphrase\n')
    .action((file: string, options: KeyOptions) => run(context, file, options));
}

async function run(context: Context, file: string, options: KeyOptions): Promise<void> {
  const path = resolvePath(context, file);
  if (!path.endsWith('.pem'))
    throw fail('ADMIN_USAGE', `argument: ${escapeText(file, 200)}, expected a name as alice.pem`);
  const scheme = parseScheme(options.scheme);
  const passphrase = await passphraseForNewKeys(context, options);
  const signer = await createFileSigner(path, scheme, passphrase === undefined ? {} : { passphrase });
  const publicPath = `${path.slice(0, -'.pem'.length)}.pub`;
  await writeNewFile(publicPath, new TextEncoder().encode(formatSpki(signer.publicKey)), 0o644);
  const { keyId } = formatKey(signer.publicKey);
  print(
    context,
    {
      text: [
        `private key  ${escapeText(path, 1000)}`,
        `public key   ${escapeText(publicPath, 1000)}`,
        `key id       ${keyId}`,
      ],
      json: { private: path, public: publicPath, keyId, encrypted: passphrase !== undefined },
    },
    options.json,
  );
}
