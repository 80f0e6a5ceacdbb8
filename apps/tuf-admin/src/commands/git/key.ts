import { escapeText } from '@cargo-tuf/errors';
import { formatTime } from '@cargo-tuf/metadata';
import { createCertificate, formatCertificate } from '@cargo-tuf/openpgp';
import { createFileSigner } from '@cargo-tuf/signers';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { parseDuration } from '../../git/options.ts';
import { writeNewFile } from '../../local-file.ts';
import { type PassphraseOptions, passphraseForNewKeys, resolvePath } from '../../passphrase.ts';

interface KeyOptions extends PassphraseOptions {
  readonly userId: string;
  readonly expiresIn?: string;
  readonly json?: boolean;
}

export function keyCommand(context: Context): Command {
  return new Command('key')
    .description('make an OpenPGP key in a file, and its certificate beside it: FILE and FILE.asc')
    .argument('<file>', 'the file of the private key; the certificate of bot.pem is bot.asc')
    .requiredOption('--user-id <name>', 'whose key it is: "Name <address>"')
    .option('--expires-in <time>', 'when the key expires: 730d; never when not given')
    .option('--passphrase-file <file>', 'the passphrase of the key (or CARGO_TUF_PASSPHRASE)')
    .option('--unencrypted-keys', 'write the private key without a passphrase, for a trial')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  tuf-admin git key bot.pem --user-id 'Index <index@example.org>' --expires-in 730d --passphrase-file passphrase

Keys of gpg serve as well: gpg --quick-generate-key 'Index <index@example.org>' ed25519 sign 2y
`,
    )
    .action((file: string, options: KeyOptions) => run(context, file, options));
}

async function run(context: Context, file: string, options: KeyOptions): Promise<void> {
  const lifetime =
    options.expiresIn === undefined ? undefined : parseDuration('--expires-in', options.expiresIn);
  const passphrase = await passphraseForNewKeys(context, options);
  const path = resolvePath(context, file);
  const certificatePath = `${path.replace(/\.pem$/, '')}.asc`;
  const signer = await createFileSigner(path, 'ed25519', passphrase === undefined ? {} : { passphrase });
  const time = context.clock();
  const certificate = await createCertificate(signer, {
    userId: options.userId,
    time,
    ...(lifetime !== undefined && { lifetime }),
  });
  await writeNewFile(certificatePath, new TextEncoder().encode(formatCertificate(certificate)), 0o644);
  const expires = lifetime === undefined ? 'never' : formatTime(time + lifetime);
  const { fingerprint } = certificate;
  print(
    context,
    {
      text: [
        `key          ${escapeText(path, 1000)}`,
        `certificate  ${escapeText(certificatePath, 1000)}`,
        `fingerprint  ${fingerprint}`,
        `expires      ${expires}`,
      ],
      json: { key: path, certificate: certificatePath, fingerprint, expires },
    },
    options.json,
  );
}
