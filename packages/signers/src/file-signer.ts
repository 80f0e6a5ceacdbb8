import { escapeText } from '@cargo-tuf/errors';
import { generateKeyPair, importSigner, type Scheme, type Signer, signVerified } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { formatPrivateKey, parsePrivateKey, schemeOf } from './private-key.ts';

export interface FileSignerOptions {
  /** Encrypts, or opens, the key. Not empty. */
  readonly passphrase?: string;
}

/** Makes a key and writes it to `path`, which must not exist: PKCS#8 PEM, mode 0600. */
export async function createFileSigner(
  path: string,
  scheme: Scheme,
  options: FileSignerOptions = {},
): Promise<Signer> {
  const passphrase = passphraseOf(options);
  const { signer, privateKeyPkcs8 } = generateKeyPair(scheme);
  await writeKeyFile(path, await formatPrivateKey(privateKeyPkcs8, passphrase));
  privateKeyPkcs8.fill(0);
  return verifying(signer);
}

/** Opens a key file that only its owner can read. */
export async function openFileSigner(path: string, options: FileSignerOptions = {}): Promise<Signer> {
  const text = await readKeyFile(path);
  const subject = escapeText(path);
  const key = parsePrivateKey(text, passphraseOf(options), subject);
  return verifying(importSigner(schemeOf(key, subject), key.export({ type: 'pkcs8', format: 'der' })));
}

/** Each signature is verified before it is given away: a faulty one can reveal the key. */
function verifying(signer: Signer): Signer {
  return { publicKey: signer.publicKey, sign: message => signVerified(signer, message) };
}

function passphraseOf(options: FileSignerOptions): string | undefined {
  if (options.passphrase !== '') return options.passphrase;
  throw fail('SIGNER_PASSPHRASE_MISSING', 'passphrase: empty, expected at least one character');
}
